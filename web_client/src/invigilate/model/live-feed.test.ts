import { beforeEach, describe, expect, it } from 'vitest'
import type { LiveFromServer } from '@/api/types'
import { type FeedSocket, LiveFeed, type SocketEvents } from './live-feed'
import { sampleSitting } from './samples'

class FakeSocket implements FeedSocket {
  readonly sent: string[] = []
  readonly events: SocketEvents
  constructor(events: SocketEvents) {
    this.events = events
  }
  send(text: string): void {
    this.sent.push(text)
  }
  close(): void {
    this.events.closed()
  }
}

class FakeTime {
  #now = 0
  #tasks: { at: number; task: () => void }[] = []
  readonly after = (ms: number, task: () => void): (() => void) => {
    const entry = { at: this.#now + ms, task }
    this.#tasks.push(entry)
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry)
    }
  }
  pass(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = this.#tasks.toSorted((a, b) => a.at - b.at)[0]
      if (!next || next.at > end) break
      this.#tasks = this.#tasks.filter((other) => other !== next)
      this.#now = next.at
      next.task()
    }
    this.#now = end
  }
}

describe('LiveFeed', () => {
  let sockets: FakeSocket[]
  let time: FakeTime
  let heard: LiveFromServer[]
  let connections: boolean[]
  let feed: LiveFeed
  beforeEach(() => {
    sockets = []
    time = new FakeTime()
    heard = []
    connections = []
    const open = (events: SocketEvents) => {
      const socket = new FakeSocket(events)
      sockets.push(socket)
      return socket
    }
    feed = new LiveFeed(
      { open, after: time.after },
      { onMessage: (message) => heard.push(message), onConnection: (connected) => connections.push(connected) },
    )
    feed.start()
    sockets[0]?.events.opened()
  })

  it('hands on what it understands and skips the rest', () => {
    sockets[0]?.events.heard(JSON.stringify({ type: 'sitting', sitting: sampleSitting() }))
    sockets[0]?.events.heard('{"type":"pong"}')
    sockets[0]?.events.heard('{"type":"later"}')
    expect(heard.map((message) => message.type)).toEqual(['sitting'])
  })

  it('pings, and connects again after silence', () => {
    time.pass(20_000)
    expect(sockets[0]?.sent).toHaveLength(2)
    time.pass(5_000)
    expect(connections).toEqual([true, false])
    time.pass(500)
    expect(sockets).toHaveLength(2)
    sockets[1]?.events.opened()
    expect(connections).toEqual([true, false, true])
  })

  it('waits longer after each failure', () => {
    sockets[0]?.close()
    time.pass(500)
    sockets[1]?.close()
    time.pass(999)
    expect(sockets).toHaveLength(2)
    time.pass(1)
    expect(sockets).toHaveLength(3)
  })

  it('stays closed when stopped', () => {
    feed.stop()
    time.pass(60_000)
    expect(sockets).toHaveLength(1)
  })
})
