import { expect, it } from 'vitest'
import type { TimelineEntry } from '@/api/types'
import { entriesOf, factsOf, groupOf, indexAt } from './timeline'

function entry(kind: string, media_time_ms: number | null = 0, payload: TimelineEntry['payload'] = {}): TimelineEntry {
  return { seq: 1, kind, media_time_ms, payload, utc: '2026-05-04T09:00:00Z', hash: 'b', previous_hash: 'a' }
}

it('sorts entries by who wrote them; a kind it does not know is shown with people', () => {
  expect(['incident_opened', 'client_event', 'segment_sealed', 'observation_summary', 'viewed', 'later'].map((kind) => groupOf({ kind }))).toEqual([
    'noticed',
    'browser',
    'recording',
    'measured',
    'people',
    'people',
  ])
})

it('keeps the order when filtering', () => {
  const entries = [entry('viewed'), entry('segment_sealed'), entry('sitting_started')]
  expect(entriesOf(entries, new Set(['people'])).map((each) => each.kind)).toEqual(['viewed', 'sitting_started'])
})

it('finds where a time stands, past entries that have none', () => {
  const entries = [entry('consent_given', null), entry('sitting_started', 0), entry('a', 5_000), entry('viewed', null)]
  expect(indexAt(entries, 4_999)).toBe(1)
  expect(indexAt(entries, 90_000)).toBe(2)
  expect(indexAt([entry('consent_given', null)], 10)).toBe(-1)
})

it('reads facts of known kinds and nothing from odd payloads', () => {
  expect(factsOf(entry('incident_opened', 0, { kinds: ['speech', 7] })).kinds).toEqual(['speech'])
  expect(factsOf(entry('signal_opened', 0, { kind: 'noise' })).kinds).toEqual(['noise'])
  expect(factsOf(entry('client_event', 0, { kind: 'focus_lost' })).event).toBe('focus_lost')
  const gap = factsOf(entry('recording_gap', 0, { start_ms: 1, end_ms: 9, track: 'screen' }))
  expect(gap.span).toEqual({ fromMs: 1, toMs: 9 })
  expect(gap.track).toBe('screen')
  const ended = factsOf(entry('check_ended', 0, { check: 'room_scan', outcome: 'declined', track: null }))
  expect([ended.check, ended.outcome, ended.track]).toEqual(['room_scan', 'declined', null])
  expect(factsOf(entry('check_ended', 0, { check: 'dance', outcome: 'won' }))).toMatchObject({ check: null, outcome: null })
  const odd = factsOf(entry('recording_gap', 0, { start_ms: 'x', track: 'door', decision: 4 }))
  expect([odd.span, odd.track, odd.decision]).toEqual([null, null, null])
})
