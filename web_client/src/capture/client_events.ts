import type { ClientEventKind, Detail, ReportedEvent } from './contract'

/** Part of `Storage` that is needed; it may be full or forbidden, and may throw. */
export interface KeptStorage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

interface KeptEvent {
  readonly event_id: string
  readonly kind: ClientEventKind
  /** Milliseconds on the page's monotonic clock, set off by the wall clock of when the page was loaded. */
  readonly at_ms: number
  readonly detail: Detail
}

export interface JournalParts {
  readonly sittingId: string
  readonly clientId: string
  readonly storage: KeptStorage
  /** Monotonic within a page, comparable across a reload: `performance.timeOrigin + performance.now()`. */
  readonly now: () => number
  readonly newId: () => string
  /** False when there is no connection at present. */
  readonly send: (events: ReportedEvent[]) => boolean
}

const BATCH = 50
/** The server takes no event older than a day; what waited longer is told as that. */
const OLDEST_MS = 86_400_000
const MOST_KEPT = 5_000
/** An acknowledgement that has not come after this long is taken for lost, and the batch is sent again. */
const ACK_LIMIT_MS = 10_000

function isKept(value: unknown): value is KeptEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'event_id' in value &&
    'kind' in value &&
    'at_ms' in value &&
    'detail' in value
  )
}

function readKept(text: string | null): KeptEvent[] {
  if (text === null) return []
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter(isKept) : []
  } catch {
    return []
  }
}

/**
 * Events wait here until the server has acknowledged them as durable; a reload or a crash loses none.
 *
 * Each event keeps its id, so one that was sent twice counts once. What an earlier tab of the same sitting left behind
 * is adopted.
 */
export class EventJournal {
  readonly #parts: JournalParts
  readonly #key: string
  #waiting: readonly KeptEvent[]
  readonly #sentAt = new Map<string, number>()

  constructor(parts: JournalParts) {
    this.#parts = parts
    const prefix = `proctor.events.${parts.sittingId}.`
    this.#key = `${prefix}${parts.clientId}`
    this.#waiting = this.#adopt(prefix)
    this.#keep()
  }

  get waiting(): number {
    return this.#waiting.length
  }

  record(kind: ClientEventKind, detail: Detail = {}): void {
    const event: KeptEvent = { event_id: this.#parts.newId(), kind, at_ms: this.#parts.now(), detail }
    this.#waiting = [...this.#waiting, event].slice(-MOST_KEPT)
    this.#keep()
    this.flush()
  }

  /** Send the oldest batch that is not on its way; called on every event, on connection and from time to time. */
  flush(): void {
    const now = this.#parts.now()
    const batch = this.#waiting
      .filter((event) => now - (this.#sentAt.get(event.event_id) ?? Number.NEGATIVE_INFINITY) >= ACK_LIMIT_MS)
      .slice(0, BATCH)
    if (batch.length === 0) return
    const sent = this.#parts.send(
      batch.map(({ event_id, kind, at_ms, detail }) => ({
        event_id,
        kind,
        ms_ago: Math.min(OLDEST_MS, Math.max(0, Math.round(now - at_ms))),
        detail,
      })),
    )
    if (sent) for (const event of batch) this.#sentAt.set(event.event_id, now)
  }

  acknowledged(eventIds: readonly string[]): void {
    const done = new Set(eventIds)
    this.#waiting = this.#waiting.filter((event) => !done.has(event.event_id))
    for (const id of eventIds) this.#sentAt.delete(id)
    this.#keep()
    this.flush()
  }

  /** The connection went: what was on its way may not have arrived. */
  connectionLost(): void {
    this.#sentAt.clear()
  }

  #adopt(prefix: string): KeptEvent[] {
    const { storage } = this.#parts
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter(
      (key): key is string => key?.startsWith(prefix) ?? false,
    )
    const byId = new Map<string, KeptEvent>()
    for (const key of keys) for (const event of readKept(storage.getItem(key))) byId.set(event.event_id, event)
    for (const key of keys) if (key !== this.#key) storage.removeItem(key)
    return [...byId.values()].toSorted((a, b) => a.at_ms - b.at_ms).slice(-MOST_KEPT)
  }

  #keep(): void {
    const { storage } = this.#parts
    try {
      if (this.#waiting.length === 0) storage.removeItem(this.#key)
      else storage.setItem(this.#key, JSON.stringify(this.#waiting))
    } catch {
      // A full or forbidden storage costs the survival of a reload, not the event: it stays in memory.
    }
  }
}
