import { describe, expect, it } from 'vitest'
import type { Incident, SittingSummary } from '@/api/types'
import { sampleIncident, sampleSitting } from './samples'
import { elapsedMs, WatchBoard } from './watch-board'

function board(sittings: SittingSummary[], incidents: Incident[] = []) {
  return new WatchBoard({
    fetchSittings: () => Promise.resolve(sittings),
    fetchIncidents: () => Promise.resolve(incidents),
    now: () => 1_000,
  })
}

describe('WatchBoard', () => {
  it('lists what is not over and names what needs a person', async () => {
    const watch = board([
      sampleSitting({ sitting_id: 'over', state: 'finished' }, 'high'),
      sampleSitting({ sitting_id: 'urgent' }, 'high', 1),
    ])
    await watch.refresh()
    expect(watch.snapshot.sittings.rows.map((row) => row.key)).toEqual(['urgent'])
    expect(watch.snapshot.next?.sitting_id).toBe('urgent')
  })

  it('takes a finished sitting off the list', async () => {
    const watch = board([sampleSitting({}, 'high')])
    await watch.refresh()
    watch.onMessage({ type: 'sitting', sitting: sampleSitting({ state: 'finished' }, 'high') })
    expect(watch.snapshot.sittings.rows).toEqual([])
    expect(watch.snapshot.next).toBeNull()
  })

  it('does not offer a finished sitting as next while its row is held', async () => {
    const watch = board([sampleSitting({}, 'high')])
    await watch.refresh()
    watch.holdSittings(true)
    watch.onMessage({ type: 'sitting', sitting: sampleSitting({ state: 'finished' }, 'high') })
    expect(watch.snapshot.sittings.rows).toHaveLength(1)
    expect(watch.snapshot.next).toBeNull()
  })

  it('shows incidents of the chosen sitting only, and remembers the newest', async () => {
    const watch = board([sampleSitting()], [sampleIncident()])
    await watch.choose('s1')
    watch.onMessage({ type: 'incident', incident: sampleIncident({ incident_id: 'i2' }) })
    watch.onMessage({ type: 'incident', incident: sampleIncident({ incident_id: 'x', sitting_id: 'other' }) })
    expect(watch.snapshot.incidents.rows.map((row) => row.key)).toEqual(['i1', 'i2'])
    expect(watch.snapshot.latest?.incident_id).toBe('i2')
  })

  it('keeps a failure for the page to show', async () => {
    const watch = new WatchBoard({
      fetchSittings: () => Promise.reject(new TypeError('Failed to fetch')),
      fetchIncidents: () => Promise.resolve([]),
      now: () => 0,
    })
    await watch.refresh()
    expect(watch.snapshot.failure).toBeInstanceOf(TypeError)
    expect(watch.snapshot.loaded).toBe(false)
  })
})

it('lets the elapsed time run on between messages', () => {
  expect(elapsedMs(sampleSitting(), 1_000, 3_500)).toBe(62_500)
  expect(elapsedMs(sampleSitting({ elapsed_ms: null }), 0, 0)).toBeNull()
  expect(elapsedMs(sampleSitting({ state: 'finished' }), 0, 5_000)).toBe(60_000)
})
