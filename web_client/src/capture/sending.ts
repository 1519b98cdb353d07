import type { DeviceState } from './capture_devices'
import type { RecordedTrack, TrackName } from './contract'
import type { PublisherState } from './publisher'

/** Whether a track reaches the server, in the three words that the panel shows. */
export type Sending = 'on' | 'waiting' | 'off'

/**
 * Judge one track by what this browser knows and what the recorder last said.
 *
 * The screen may send nothing for seconds while nothing moves on it; the recorder's word counts for more than the
 * counters here.
 */
export function sendingOf(
  track: TrackName,
  device: DeviceState,
  publisher: PublisherState,
  recorded: readonly RecordedTrack[] | null,
): Sending {
  if (device === 'off' || device === 'ended') return 'off'
  if (publisher.phase === 'refused') return 'off'
  if (device !== 'live' || publisher.phase !== 'connected') return 'waiting'
  const said = recorded?.find((entry) => entry.track === track)
  if (said !== undefined) return said.receiving ? 'on' : 'waiting'
  return publisher.tracks[track]?.flowing === true ? 'on' : 'waiting'
}

/** Seconds of the longest recorded track, in ms; null before the recorder's first word. */
export function recordedMs(recorded: readonly RecordedTrack[] | null): number | null {
  if (recorded === null || recorded.length === 0) return null
  return Math.max(...recorded.map(({ recorded_ms }) => recorded_ms))
}
