import { describe, expect, it } from 'vitest'
import { byAttention, byNeed, neighbour, nextForPerson, playFromMs, standOf, undoLeftMs } from './attention'
import { sampleIncident, sampleSitting } from './samples'

describe('order of sittings', () => {
  it('puts sections first, then the rank, and those that have not started last', () => {
    const sittings = [
      sampleSitting({ sitting_id: 'waits', state: 'scheduled' }, 'none', 0),
      sampleSitting({ sitting_id: 'quiet' }, 'none', 3),
      sampleSitting({ sitting_id: 'second' }, 'high', 2),
      sampleSitting({ sitting_id: 'first' }, 'high', 1),
    ]
    expect(sittings.toSorted(byAttention.compare).map((sitting) => sitting.sitting_id)).toEqual([
      'first',
      'second',
      'quiet',
      'waits',
    ])
  })

  it('names the next sitting that needs a person, or none', () => {
    const quiet = sampleSitting({}, 'none')
    expect(nextForPerson([quiet])).toBeNull()
    const low = sampleSitting({ sitting_id: 's2' }, 'low', 1)
    expect(nextForPerson([quiet, low, sampleSitting({ sitting_id: 's3' }, 'medium', 2)])?.sitting_id).toBe('s3')
  })
})

it('tells in a list how far an open check is', () => {
  const asked = { check_id: 'c1', check: 'room_scan', state: 'asked', coverage_deg: null } as const
  expect(standOf(asked)).toBe('row.check_asked')
  expect(standOf({ ...asked, state: 'begun' })).toBe('row.check_begun')
  expect(standOf({ ...asked, state: 'begun', coverage_deg: 0 })).toBe('row.check_shown')
})

it('puts undecided incidents first, graver before older', () => {
  const incidents = [
    sampleIncident({ incident_id: 'decided', review: 'noted', severity: 'high', start_ms: 1 }),
    sampleIncident({ incident_id: 'late', severity: 'high', start_ms: 90 }),
    sampleIncident({ incident_id: 'minor', severity: 'low', start_ms: 2 }),
    sampleIncident({ incident_id: 'early', severity: 'high', start_ms: 5 }),
  ]
  expect(incidents.toSorted(byNeed.compare).map((incident) => incident.incident_id)).toEqual([
    'early',
    'late',
    'minor',
    'decided',
  ])
})

it('walks a list and stops at its ends', () => {
  expect(neighbour(['a', 'b'], null, 1)).toBe('a')
  expect(neighbour(['a', 'b'], null, -1)).toBe('b')
  expect(neighbour(['a', 'b'], 'b', 1)).toBe('b')
  expect(neighbour(['a', 'b'], 'gone', 1)).toBe('a')
  expect(neighbour([], null, 1)).toBeNull()
})

it('counts down the minute for undoing', () => {
  const until = Date.parse('2026-05-04T09:01:00Z')
  expect(undoLeftMs({ undo_until: '2026-05-04T09:01:00Z' }, until - 1500)).toBe(1500)
  expect(undoLeftMs({ undo_until: '2026-05-04T09:01:00Z' }, until + 1)).toBe(0)
  expect(undoLeftMs({ undo_until: null }, 0)).toBe(0)
})

it('plays from five seconds before, never before the start', () => {
  expect(playFromMs({ start_ms: 12_000 })).toBe(7_000)
  expect(playFromMs({ start_ms: 2_000 })).toBe(0)
})
