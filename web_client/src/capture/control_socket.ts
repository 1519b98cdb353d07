import type { FromServer, ToServer } from './contract'
import { Store, type Watched } from './store'

export type ControlState = 'closed' | 'connecting' | 'open'

const KNOWN: ReadonlySet<string> = new Set<FromServer['type']>([
  'ack',
  'message',
  'taken_over',
  'state',
  'recording',
  'check',
  'check_progress',
  'opened',
  'phone',
  'pong',
  'refused',
])

/** Null for anything that is not a message of the contract. */
export function parseFromServer(text: unknown): FromServer | null {
  if (typeof text !== 'string') return null
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('type' in value)) return null
    return typeof value.type === 'string' && KNOWN.has(value.type) ? (value as FromServer) : null
  } catch {
    return null
  }
}

export interface ControlParts {
  readonly url: string
  readonly events: EventTarget
  readonly receive: (message: FromServer) => void
  readonly connect?: (url: string) => WebSocket
}

const PING_INTERVAL_MS = 5_000
const ANSWER_LIMIT_MS = 12_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 5_000

/** The control socket: connects again by itself until it is closed from this side or the sitting is taken over. */
export class ControlSocket {
  readonly #parts: ControlParts
  readonly #state = new Store<ControlState>('closed')
  #socket: WebSocket | undefined
  #heartbeat: ReturnType<typeof setInterval> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #heardMs = 0
  #attempt = 0
  #wanted: AbortController | undefined

  constructor(parts: ControlParts) {
    this.#parts = parts
  }

  get state(): Watched<ControlState> {
    return this.#state
  }

  open(): void {
    if (this.#wanted !== undefined) return
    this.#wanted = new AbortController()
    this.#parts.events.addEventListener('online', this.#reconnectNow, { signal: this.#wanted.signal })
    this.#connect()
  }

  close(): void {
    this.#wanted?.abort()
    this.#wanted = undefined
    clearTimeout(this.#retry)
    this.#drop()
    this.#state.set('closed')
  }

  /** False when it could not be handed to the network; the caller keeps it. */
  send(message: ToServer): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(message))
    return true
  }

  #connect(): void {
    if (this.#wanted === undefined) return
    this.#state.set('connecting')
    const socket = (this.#parts.connect ?? ((url: string): WebSocket => new WebSocket(url)))(this.#parts.url)
    this.#socket = socket
    socket.addEventListener('open', () => {
      if (socket !== this.#socket) return
      this.#attempt = 0
      this.#heardMs = performance.now()
      this.#heartbeat = setInterval(this.#beat, PING_INTERVAL_MS)
      this.#state.set('open')
    })
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (socket !== this.#socket) return
      this.#heardMs = performance.now()
      const message = parseFromServer(event.data)
      if (message === null) return
      if (message.type === 'taken_over') this.close()
      this.#parts.receive(message)
    })
    socket.addEventListener('close', () => {
      if (socket === this.#socket) this.#again()
    })
  }

  readonly #beat = (): void => {
    if (performance.now() - this.#heardMs > ANSWER_LIMIT_MS) this.#again()
    else this.send({ type: 'ping' })
  }

  readonly #reconnectNow = (): void => {
    if (this.#state.get() === 'open') return
    clearTimeout(this.#retry)
    this.#drop()
    this.#connect()
  }

  #again(): void {
    this.#drop()
    if (this.#wanted === undefined) return
    this.#state.set('connecting')
    this.#attempt += 1
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#attempt - 1))
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#connect()
    }, pause)
  }

  #drop(): void {
    clearInterval(this.#heartbeat)
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
  }
}
