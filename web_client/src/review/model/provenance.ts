import type { Incident, RecordedTrack } from '@/api/types'

export interface Provenance {
  readonly rules: readonly string[]
  readonly models: readonly string[]
}

function distinct(names: readonly (string | null)[]): string[] {
  return [...new Set(names.filter((name): name is string => name !== null))].toSorted()
}

/** Versions of all rules and models that noticed something, each once, in alphabetical order. */
export function provenanceOf(incidents: readonly Incident[]): Provenance {
  const signals = incidents.flatMap((incident) => incident.signals)
  return {
    rules: distinct(signals.map((signal) => signal.detector)),
    models: distinct(signals.map((signal) => signal.why.model)),
  }
}

/** Share of the sitting that a track's recording holds, 0 to 1. */
export function completeness(track: Pick<RecordedTrack, 'recorded_ms'>, durationMs: number): number {
  return durationMs <= 0 ? 0 : Math.min(1, track.recorded_ms / durationMs)
}

/** A telephone comes and goes; that it was not there from the first to the last second is no gap. */
export function isGuest({ track }: Pick<RecordedTrack, 'track'>): boolean {
  return track === 'phone'
}

/** What is missing of a recording: of a guest's, only between its first picture and its last. */
export function gapsOf(track: RecordedTrack): RecordedTrack['gaps'] {
  const { start_ms: start, end_ms: end } = track
  return isGuest(track) ? track.gaps.filter((gap) => gap.start_ms >= start && gap.end_ms <= end) : track.gaps
}
