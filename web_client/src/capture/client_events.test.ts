import { describe, expect, it } from 'vitest'
import { EventJournal } from './client_events'
import type { ReportedEvent } from './contract'
import { MemoryStorage } from './testing/memory_storage'

function setUp(storage = new MemoryStorage(), clientId = 'tab-1') {
  const sent: ReportedEvent[][] = []
  const world = { now: 1_000, connected: true, ids: 0, sent }
  const journal = new EventJournal({
    sittingId: 's1',
    clientId,
    storage,
    now: () => world.now,
    newId: () => `${clientId}-event-${(world.ids += 1)}`,
    send: (events) => {
      if (world.connected) sent.push(events)
      return world.connected
    },
  })
  return { journal, world, sent, storage }
}

describe('EventJournal', () => {
  it('sends at once and forgets only what was acknowledged', () => {
    const { journal, sent, storage } = setUp()
    journal.record('focus_lost')
    journal.record('clipboard_paste', { length: 12 })
    expect(sent.map((batch) => batch.map(({ kind }) => kind))).toEqual([['focus_lost'], ['clipboard_paste']])
    journal.acknowledged(['tab-1-event-1'])
    expect(journal.waiting).toBe(1)
    journal.acknowledged(['tab-1-event-2'])
    expect(storage.length).toBe(0)
  })

  it('measures the age of an event when it is sent, not when it happened', () => {
    const { journal, world, sent } = setUp()
    world.connected = false
    journal.record('tab_hidden')
    world.now += 12_340
    world.connected = true
    journal.flush()
    expect(sent[0]?.[0]).toMatchObject({ kind: 'tab_hidden', ms_ago: 12_340 })
  })

  it('sends again after the connection was lost, under the same id', () => {
    const { journal, sent } = setUp()
    journal.record('focus_lost')
    journal.flush()
    expect(sent).toHaveLength(1)
    journal.connectionLost()
    journal.flush()
    expect(sent[1]?.[0]?.event_id).toBe(sent[0]?.[0]?.event_id)
  })

  it('brings events over a reload and from a tab that is gone', () => {
    const before = setUp()
    before.world.connected = false
    before.journal.record('page_closing')
    const { journal, sent, storage } = setUp(before.storage, 'tab-2')
    journal.flush()
    expect(sent[0]?.map(({ event_id }) => event_id)).toEqual(['tab-1-event-1'])
    journal.acknowledged(['tab-1-event-1'])
    expect(storage.length).toBe(0)
  })

  it('goes on without a storage, and ignores what is not its own', () => {
    const storage = new MemoryStorage()
    storage.setItem('proctor.events.s1.tab-1', '{"broken"')
    storage.full = true
    const { journal, sent } = setUp(storage)
    journal.record('focus_lost')
    expect(sent).toHaveLength(1)
  })

  it('sends no more than fifty at once', () => {
    const { journal, world, sent } = setUp()
    world.connected = false
    for (let i = 0; i < 70; i += 1) journal.record('focus_lost')
    world.connected = true
    journal.flush()
    expect(sent[0]).toHaveLength(50)
    journal.acknowledged(sent[0]?.map(({ event_id }) => event_id) ?? [])
    expect(sent[1]).toHaveLength(20)
  })
})
