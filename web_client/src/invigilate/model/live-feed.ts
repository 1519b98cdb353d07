import type { LiveFromServer } from '@/api/types'

export interface FeedSocket {
  send(text: string): void
  close(): void
}

export interface SocketEvents {
  readonly opened: () => void
  readonly closed: () => void
  readonly heard: (data: unknown) => void
}

export interface FeedPorts {
  readonly open: (events: SocketEvents) => FeedSocket
  /** Runs `task` once after `ms`; the returned function calls it off. */
  readonly after: (ms: number, task: () => void) => () => void
}

/** A browser's WebSocket as the feed wants it. */
export function openSocket(url: string, events: SocketEvents): FeedSocket {
  const socket = new WebSocket(url)
  socket.addEventListener('open', events.opened)
  socket.addEventListener('close', events.closed)
  socket.addEventListener('message', (event) => events.heard(event.data))
  return socket
}

export interface FeedListener {
  onMessage(message: LiveFromServer): void
  /** True after (re)connecting: what was pushed in between is missing and must be fetched. */
  onConnection(connected: boolean): void
}

const PING_EVERY_MS = 10_000
const SILENCE_MS = 25_000
const WAITS_MS = [500, 1_000, 2_000, 5_000, 10_000]

/** Keeps the WebSocket of live changes open: pings, notices silence, connects again with growing waits. */
export class LiveFeed {
  readonly #ports: FeedPorts
  readonly #listener: FeedListener
  #socket: FeedSocket | null = null
  #failures = 0
  #stopped = false
  #cancelPing: () => void = () => undefined
  #cancelSilence: () => void = () => undefined
  #cancelRetry: () => void = () => undefined

  constructor(ports: FeedPorts, listener: FeedListener) {
    this.#ports = ports
    this.#listener = listener
  }

  start(): void {
    this.#socket = this.#ports.open({
      opened: () => {
        this.#failures = 0
        this.#listener.onConnection(true)
        this.#ping()
        this.#heard()
      },
      heard: (data) => {
        this.#heard()
        const message = readMessage(data)
        if (message && message.type !== 'pong') this.#listener.onMessage(message)
      },
      closed: () => this.#lost(),
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancelRetry()
    this.#quiet()
    this.#socket?.close()
  }

  #ping(): void {
    this.#cancelPing = this.#ports.after(PING_EVERY_MS, () => {
      this.#socket?.send('{"type":"ping"}')
      this.#ping()
    })
  }

  #heard(): void {
    this.#cancelSilence()
    this.#cancelSilence = this.#ports.after(SILENCE_MS, () => this.#socket?.close())
  }

  #quiet(): void {
    this.#cancelPing()
    this.#cancelSilence()
  }

  #lost(): void {
    this.#quiet()
    if (this.#stopped) return
    this.#listener.onConnection(false)
    const wait = WAITS_MS[Math.min(this.#failures, WAITS_MS.length - 1)] ?? 0
    this.#failures += 1
    this.#cancelRetry = this.#ports.after(wait, () => this.start())
  }
}

function readMessage(data: unknown): LiveFromServer | null {
  if (typeof data !== 'string') return null
  const message: unknown = JSON.parse(data)
  const known = typeof message === 'object' && message !== null && 'type' in message
  return known && (message.type === 'sitting' || message.type === 'incident' || message.type === 'pong')
    ? (message as LiveFromServer)
    : null
}
