import { ProblemError } from '@/api/problem'
import type { IceServer, MediaPolicy, SittingApi, TrackName } from './contract'
import { LegFailed, type LegPlan, type OpenLeg, openLeg } from './leg'
import { type Outbound, type OutboundSample, SilenceWatch, summarise } from './outbound'
import { Store, type Watched } from './store'

/** Why the last attempt to connect failed. */
type LinkFault = 'server_unreachable' | 'server_refused' | 'udp_blocked' | 'codec_missing'

export interface PublisherState {
  /** `refused`: the server does not want this tab's media any more; trying again would not help. */
  readonly phase: 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'refused'
  readonly leg?: number | undefined
  readonly fault?: LinkFault | undefined
  /** The server's code when it answered with a problem. */
  readonly code?: string | undefined
  readonly roundTripMs?: number | undefined
  readonly tracks: Readonly<Partial<Record<TrackName, Outbound>>>
}

export interface PublisherParts {
  readonly api: Pick<SittingApi, 'openLeg'>
  readonly policy: MediaPolicy
  readonly iceServers: readonly IceServer[]
  /** Source of the `online` event. */
  readonly events: EventTarget
  readonly open?: (plan: LegPlan, signal: AbortSignal) => Promise<OpenLeg>
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

const WATCH_INTERVAL_MS = 1_000
const SILENCE_LIMIT_MS = 2_500
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 8_000

/** Problems that a further attempt cannot cure; 401 is none of them, the person may log in again in another tab. */
const FINAL_STATUS: ReadonlySet<number> = new Set([403, 404, 409, 410])

/** Pause before attempt `attempt` (from 1): doubling from half a second up to eight. */
export function pauseBefore(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
}

function faultOf(error: unknown): Pick<PublisherState, 'fault' | 'code'> {
  if (error instanceof ProblemError) {
    const { status, code } = error.problem
    return { fault: status === 0 || status >= 500 ? 'server_unreachable' : 'server_refused', code }
  }
  if (error instanceof LegFailed && error.reason === 'no_codec') return { fault: 'codec_missing' }
  return { fault: 'udp_blocked' }
}

/**
 * Keeps one peer connection to the server alive for as long as it runs.
 *
 * A lost connection is replaced by a new one (a new leg); the old one is closed only after the new one stands. The
 * equipment check and the exam use the same publisher, and normally the same leg.
 */
export class Publisher {
  readonly #parts: PublisherParts
  readonly #state = new Store<PublisherState>({ phase: 'idle', tracks: {} })
  readonly #sources = new Map<TrackName, MediaStreamTrack>()
  readonly #now: () => number
  #leg: OpenLeg | undefined
  #run: AbortController | undefined
  #wake: (() => void) | undefined

  constructor(parts: PublisherParts) {
    this.#parts = parts
    this.#now = parts.now ?? ((): number => performance.now())
  }

  get state(): Watched<PublisherState> {
    return this.#state
  }

  /** Send this source as the track from now on, or nothing; needs no new connection. */
  async setSource(track: TrackName, source: MediaStreamTrack | undefined): Promise<void> {
    if (source === undefined) this.#sources.delete(track)
    else this.#sources.set(track, source)
    await this.#leg?.send(track, source ?? null)
  }

  /** Connect, and stay connected until `stop`. The tracks are fixed; their sources may come later. */
  start(tracks: readonly TrackName[]): void {
    if (this.#run !== undefined) return
    const run = new AbortController()
    this.#run = run
    this.#parts.events.addEventListener('online', this.retryNow, { signal: run.signal })
    void this.#keepConnected(tracks, run.signal)
  }

  /** End a pause between two attempts. */
  readonly retryNow = (): void => {
    this.#wake?.()
  }

  /** Close the connection and forget failures; `start` may follow. */
  stop(): void {
    this.#run?.abort()
    this.#run = undefined
    this.#wake?.()
    this.#leg?.close()
    this.#leg = undefined
    this.#state.set({ phase: 'idle', tracks: {} })
  }

  async #keepConnected(tracks: readonly TrackName[], signal: AbortSignal): Promise<void> {
    this.#state.set({ phase: 'connecting', tracks: {} })
    let attempt = 0
    while (!signal.aborted) {
      attempt += 1
      try {
        await this.#connect(tracks, signal)
        attempt = 0
        await this.#watch(signal)
        if (!signal.aborted) this.#state.patch({ phase: 'reconnecting', tracks: {}, roundTripMs: undefined })
        continue
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof ProblemError && FINAL_STATUS.has(error.problem.status)) {
          this.#refuse(error)
          return
        }
        this.#state.patch(faultOf(error))
      }
      await this.#pause(pauseBefore(attempt), signal)
    }
  }

  async #connect(tracks: readonly TrackName[], signal: AbortSignal): Promise<void> {
    const { api, policy, iceServers, open = openLeg } = this.#parts
    const next = await open(
      {
        tracks,
        sources: new Map(this.#sources),
        policy,
        iceServers,
        exchange: (offer, places, limit) => api.openLeg(offer, places, limit),
      },
      signal,
    )
    if (signal.aborted) {
      next.close()
      return
    }
    const previous = this.#leg
    this.#leg = next
    // A device may have been opened or lost while the connection was being made.
    for (const track of tracks) await next.send(track, this.#sources.get(track) ?? null)
    previous?.close()
    this.#state.set({ phase: 'connected', leg: next.number, tracks: {} })
  }

  /** Returns when the leg is lost. */
  async #watch(signal: AbortSignal): Promise<void> {
    const silence = new SilenceWatch(SILENCE_LIMIT_MS)
    let before: OutboundSample | undefined
    while (!signal.aborted) {
      await this.#pause(WATCH_INTERVAL_MS, signal)
      const leg = this.#leg
      if (signal.aborted || leg === undefined || !leg.alive) return
      const { sample, tracks, roundTripMs } = summarise((await leg.statistics()).values(), leg.trackOfMid, before)
      if (silence.read(sample.returnedBytes, this.#now())) return
      if (!signal.aborted && before !== undefined) this.#state.patch({ tracks, roundTripMs })
      before = sample
    }
  }

  #refuse({ problem }: ProblemError): void {
    this.#run?.abort()
    this.#run = undefined
    this.#leg?.close()
    this.#leg = undefined
    this.#state.set({ phase: 'refused', fault: 'server_refused', code: problem.code, tracks: {} })
  }

  #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        if (this.#wake === end) this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(end, milliseconds)
      this.#wake = end
      signal.addEventListener('abort', end)
    })
  }
}
