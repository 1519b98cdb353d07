import type { CheckKind, CheckOutcome, SignalKind, TimelineEntry, Track } from '@/api/types'

export const GROUPS = ['people', 'noticed', 'browser', 'recording', 'measured'] as const
export type Group = (typeof GROUPS)[number]

const GROUP_OF: Readonly<Record<string, Group>> = {
  incident_opened: 'noticed',
  incident_closed: 'noticed',
  detector_failed: 'noticed',
  client_event: 'browser',
  leg_connected: 'recording',
  leg_lost: 'recording',
  link_event: 'recording',
  segment_sealed: 'recording',
  recording_gap: 'recording',
  recording_failed: 'recording',
  recording_resumed: 'recording',
  perception_interrupted: 'recording',
  analysis_dropped: 'recording',
  analysis_thinned: 'recording',
  phone_joined: 'recording',
  phone_left: 'recording',
  observation_summary: 'measured',
  incident_updated: 'measured',
  signal_opened: 'measured',
  signal_closed: 'measured',
}

/** What people did is everything that no machine wrote. */
export function groupOf(entry: Pick<TimelineEntry, 'kind'>): Group {
  return GROUP_OF[entry.kind] ?? 'people'
}

export function entriesOf(entries: readonly TimelineEntry[], groups: ReadonlySet<Group>): TimelineEntry[] {
  return entries.filter((entry) => groups.has(groupOf(entry)))
}

/** Index of the last entry at or before a time of the sitting; -1 when none is. */
export function indexAt(entries: readonly TimelineEntry[], timeMs: number): number {
  return entries.findLastIndex((entry) => entry.media_time_ms !== null && entry.media_time_ms <= timeMs)
}

/** What an entry says beyond its kind, read from a payload whose shape depends on the kind. */
export interface EntryFacts {
  readonly kinds: readonly SignalKind[]
  readonly event: string | null
  readonly text: string | null
  readonly track: Track | null
  readonly span: { readonly fromMs: number; readonly toMs: number } | null
  readonly leg: number | null
  readonly decision: 'noted' | 'dismissed' | null
  readonly link: 'lost' | 'restored' | null
  readonly what: (typeof SEEN)[number] | null
  readonly check: CheckKind | null
  readonly outcome: CheckOutcome | null
  readonly levelDbfs: { readonly from: number; readonly to: number } | null
}

type Payload = TimelineEntry['payload']

function textOf(payload: Payload, ...names: string[]): string | null {
  for (const name of names) {
    const value = payload[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

function numberOf(payload: Payload, name: string): number | null {
  const value = payload[name]
  return typeof value === 'number' ? value : null
}

function oneOf<Word extends string>(value: string | null, words: readonly Word[]): Word | null {
  return words.find((word) => word === value) ?? null
}

function kindsOf(entry: TimelineEntry): SignalKind[] {
  const { kinds, kind } = entry.payload
  if (Array.isArray(kinds)) return kinds.filter((each): each is SignalKind => typeof each === 'string')
  return entry.kind.startsWith('signal_') && typeof kind === 'string' ? [kind as SignalKind] : []
}

function pair(from: number | null, to: number | null): { from: number; to: number } | null {
  return from === null || to === null ? null : { from, to }
}

const SPANS = new Set(['recording_gap', 'perception_interrupted'])
const SEEN = ['live', 'recording', 'timeline', 'checks', 'document'] as const
const CHECKS = ['room_scan', 'challenge', 'gaze_calibration'] as const
const OUTCOMES = [
  'complete',
  'incomplete',
  'cannot_tell',
  'passed',
  'failed',
  'measured',
  'declined',
  'left_out',
  'withdrawn',
  'interrupted',
  'expired',
] as const satisfies readonly CheckOutcome[]

export function factsOf(entry: TimelineEntry): EntryFacts {
  const { payload, kind } = entry
  const span = pair(numberOf(payload, 'start_ms'), numberOf(payload, 'end_ms'))
  return {
    kinds: kindsOf(entry),
    event: kind === 'client_event' ? textOf(payload, 'kind') : null,
    text: textOf(payload, 'text', 'note', 'name', 'question_id'),
    track: oneOf(textOf(payload, 'track'), ['camera', 'screen', 'microphone', 'phone']),
    span: SPANS.has(kind) && span ? { fromMs: span.from, toMs: span.to } : null,
    leg: kind.startsWith('leg_') || kind.startsWith('phone_') ? numberOf(payload, 'leg') : null,
    decision: oneOf(textOf(payload, 'decision'), ['noted', 'dismissed']),
    link: kind === 'link_event' ? oneOf(textOf(payload, 'state'), ['lost', 'restored']) : null,
    what: kind === 'viewed' ? oneOf(textOf(payload, 'what'), SEEN) : null,
    check: oneOf(textOf(payload, 'check'), CHECKS),
    outcome: kind === 'check_ended' ? oneOf(textOf(payload, 'outcome'), OUTCOMES) : null,
    levelDbfs: pair(numberOf(payload, 'level_dbfs_p50'), numberOf(payload, 'level_dbfs_p95')),
  }
}
