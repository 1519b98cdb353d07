import { ProblemError } from '@/api/problem'
import { type Blocker, blockerOf } from '@/capture/blockers'
import type { MediaPolicy } from '@/capture/contract'
import { type Paced, pace, SILENT } from '@/capture/hint_pacer'
import { Publisher, type PublisherParts } from '@/capture/publisher'
import { Store, type Watched } from '@/capture/store'
import type { PhoneApi, PhoneDoor, PhonePass, PhoneStatus } from './api'
import { forgetPass, keepPass, type KeptPass } from './kept_pass'

/**
 * `uninvited`: the page was opened without a code. `refused`: the code is used, too old, or its exam is over. `over`:
 * the telephone took part and is not wanted any more.
 */
type Stage = 'looking' | 'uninvited' | 'refused' | 'ready' | 'asking' | 'sending' | 'over'

export interface PhoneCameraState {
  readonly stage: Stage
  readonly door: PhoneDoor | null
  /** Why the camera did not open, or stopped. */
  readonly blocker: Blocker | null
  /** What the server or the network said to the last try. */
  readonly problem: unknown
  readonly track: MediaStreamTrack | undefined
  /** Whether the connection stands; null while nothing is sent. */
  readonly connected: boolean | null
  readonly status: PhoneStatus | null
  readonly paced: Paced
}

export interface PhoneCameraParts {
  readonly api: PhoneApi
  readonly pass: KeptPass | null
  readonly storage: Pick<Storage, 'setItem' | 'removeItem'>
  /** Missing where browsers give no camera to a page: without a certificate. */
  readonly media: Pick<MediaDevices, 'getUserMedia'> | undefined
  readonly events: EventTarget
  readonly awake: () => () => void
  readonly open?: PublisherParts['open']
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

/** Between two questions how a check stands: while it goes on in front of this telephone or nothing is known yet, else. */
const ASK_RUNNING_MS = 500
const ASK_WAITING_MS = 2_000

const NOTHING_SENT = { track: undefined, connected: null, status: null, paced: SILENT } as const

function constraints(policy: MediaPolicy): MediaStreamConstraints {
  return {
    audio: false,
    video: {
      facingMode: { ideal: 'environment' },
      width: { ideal: policy.camera_width_px },
      height: { ideal: policy.camera_height_px },
      frameRate: { ideal: policy.camera_fps, max: Math.max(policy.camera_fps, 15) },
    },
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.status === 404
}

/** The telephone as a second camera, from the scanned code to the end. */
export class PhoneCamera {
  readonly #parts: PhoneCameraParts
  readonly #now: () => number
  readonly #state: Store<PhoneCameraState>
  #pass: KeptPass | null
  #sending: AbortController | undefined

  constructor(parts: PhoneCameraParts) {
    this.#parts = parts
    this.#pass = parts.pass
    this.#now = parts.now ?? ((): number => performance.now())
    const stage = parts.pass === null ? 'uninvited' : 'looking'
    this.#state = new Store<PhoneCameraState>({ stage, door: null, blocker: null, problem: null, ...NOTHING_SENT })
  }

  get state(): Watched<PhoneCameraState> {
    return this.#state
  }

  /** Ask what the telephone is invited to. */
  async look(): Promise<void> {
    const pass = this.#pass
    if (pass === null) return
    this.#state.patch({ stage: 'looking', problem: null })
    try {
      const door = await this.#parts.api.look(this.#shown(pass))
      keepPass(pass, this.#parts.storage)
      const blocker = this.#parts.media === undefined ? 'insecure_context' : null
      this.#state.patch({ stage: 'ready', door, blocker })
    } catch (error) {
      if (isGone(error)) this.#end('refused')
      else this.#state.patch({ problem: error })
    }
  }

  /** Open the rear camera and send its picture; to be called from a click, for the browser asks the person. */
  async start(): Promise<void> {
    const { stage, door } = this.#state.get()
    const { media } = this.#parts
    if (stage !== 'ready' || door === null || media === undefined) return
    this.#state.patch({ stage: 'asking', blocker: null, problem: null })
    let track: MediaStreamTrack | undefined
    try {
      track = (await media.getUserMedia(constraints(door.media))).getVideoTracks()[0]
    } catch (error) {
      this.#state.patch({ stage: 'ready', blocker: blockerOf('camera', error) })
      return
    }
    if (track === undefined) this.#state.patch({ stage: 'ready', blocker: 'camera_missing' })
    else this.#send(track, door)
  }

  /** Send nothing any more; `start` may follow. */
  async stop(): Promise<void> {
    const key = this.#pass?.key ?? null
    this.#sending?.abort()
    this.#state.patch({ stage: 'ready', ...NOTHING_SENT })
    // A server that cannot be reached notices by itself that nothing comes.
    if (key !== null) await this.#parts.api.leave(key).catch(() => undefined)
  }

  /** The page goes away. */
  close(): void {
    this.#sending?.abort()
  }

  #shown({ secret, key }: KeptPass): PhonePass {
    return key === null ? { secret } : { phone_key: key }
  }

  #send(track: MediaStreamTrack, door: PhoneDoor): void {
    const sending = new AbortController()
    this.#sending = sending
    track.contentHint = 'motion'
    const publisher = new Publisher({
      api: { openLeg: (offer, [place], signal) => this.#join(offer, place?.mid ?? '', signal) },
      policy: door.media,
      iceServers: door.ice_servers,
      events: this.#parts.events,
      ...(this.#parts.open === undefined ? {} : { open: this.#parts.open }),
    })
    const sleep = this.#parts.awake()
    const unwatch = publisher.state.subscribe(() => {
      this.#follow(publisher)
    })
    track.addEventListener('ended', () => this.#lost(), { signal: sending.signal })
    sending.signal.addEventListener('abort', () => {
      unwatch()
      publisher.stop()
      track.stop()
      sleep()
    })
    this.#state.patch({ stage: 'sending', track, connected: false })
    void publisher.setSource('camera', track)
    publisher.start(['camera'])
    void this.#askAgainAndAgain(sending.signal)
  }

  async #join(
    offer: string,
    mid: string,
    signal: AbortSignal,
  ): ReturnType<PhoneApi['openLeg']> {
    const pass = this.#pass
    if (pass === null) throw new DOMException('the telephone is not invited', 'AbortError')
    const answer = await this.#parts.api.openLeg(this.#shown(pass), offer, mid, signal)
    this.#pass = { secret: pass.secret, key: answer.phone_key }
    keepPass(this.#pass, this.#parts.storage)
    return answer
  }

  #follow(publisher: Publisher): void {
    const { phase } = publisher.state.get()
    if (phase === 'refused') this.#end(this.#pass?.key == null ? 'refused' : 'over')
    else this.#state.patch({ connected: phase === 'connected' })
  }

  /** The system took the camera away. */
  #lost(): void {
    void this.stop()
    this.#state.patch({ blocker: 'camera_failed' })
  }

  #end(stage: 'refused' | 'over'): void {
    this.#sending?.abort()
    this.#pass = null
    forgetPass(this.#parts.storage)
    this.#state.patch({ stage, blocker: null, problem: null, ...NOTHING_SENT })
  }

  async #askAgainAndAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const key = this.#pass?.key ?? null
      if (key !== null) await this.#ask(key, signal)
      const { status } = this.#state.get()
      const running = status?.check?.state === 'begun' && status.check.track === 'phone'
      const pauseMs = status === null || running ? ASK_RUNNING_MS : ASK_WAITING_MS
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  async #ask(key: string, signal: AbortSignal): Promise<void> {
    try {
      const status = await this.#parts.api.status(key)
      if (signal.aborted) return
      const hints = status.progress?.hints ?? []
      const before = status.progress === null ? SILENT : this.#state.get().paced
      this.#state.patch({ status, paced: pace(before, hints, this.#now()) })
    } catch (error) {
      // The connection's own state tells of a server that is away; this asks again.
      if (!signal.aborted && isGone(error)) this.#end('over')
    }
  }
}
