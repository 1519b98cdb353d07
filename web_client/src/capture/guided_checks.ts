import { ProblemError } from '@/api/problem'
import { advanceChecks, type CheckEvent, type ChecksState, NO_CHECK } from './checks'
import type {
  CheckMessage,
  CheckProgress,
  CheckTrack,
  CheckView,
  PhoneInvitation,
  SittingApi,
  SittingForCandidate,
} from './contract'
import { Store, type Watched } from './store'

export interface GuidedChecksParts {
  readonly api: Pick<SittingApi, 'read' | 'beginCheck' | 'stopCheck' | 'declineCheck' | 'invitePhone' | 'sendPhoneAway'>
  /** The sitting as the server told it when it was asked for news. */
  readonly onSitting: (sitting: SittingForCandidate) => void
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

const COUNTDOWN_S = 3
const SECOND_MS = 1_000
/** Refusals of a beginning that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(['check_open', 'perception_unavailable'])
const BEGIN_TRIES = 3
const AGAIN_MS = 2_000

/** The checks of one sitting in this tab: what the server said of them, and what the person answers. */
export class GuidedChecks {
  readonly #parts: GuidedChecksParts
  readonly #now: () => number
  readonly #state = new Store<ChecksState>(NO_CHECK)
  readonly #invitation = new Store<PhoneInvitation | null>(null)
  readonly #phoneJoined = new Store(false)
  #counting: ReturnType<typeof setInterval> | undefined
  #running = false
  #asking = false
  #due = false
  #closed = false

  constructor(parts: GuidedChecksParts) {
    this.#parts = parts
    this.#now = parts.now ?? ((): number => performance.now())
  }

  get state(): Watched<ChecksState> {
    return this.#state
  }

  /** The invitation of a telephone that is shown, until it has joined. */
  get invitation(): Watched<PhoneInvitation | null> {
    return this.#invitation
  }

  get phoneJoined(): Watched<boolean> {
    return this.#phoneJoined
  }

  /** The running sitting as any answer of the server told it. */
  look({ check, phone, server_now }: SittingForCandidate): void {
    this.#running = true
    this.hearPhone(phone.state === 'joined')
    this.#tell({ type: 'told', check, asOf: Date.parse(server_now) })
  }

  hear(message: CheckMessage): void {
    this.#tell({ type: 'told', check: message.check, asOf: null })
  }

  /** The opening checks have ended; the sitting now has its questions. */
  hearOpened(): void {
    void this.#ask()
  }

  hearProgress(progress: CheckProgress): void {
    this.#tell({ type: 'progressed', progress, nowMs: this.#now() })
  }

  hearPhone(joined: boolean): void {
    this.#phoneJoined.set(joined)
    if (joined) this.#invitation.set(null)
  }

  /** Messages may have been missed until now, as after a broken connection. */
  catchUp(): void {
    if (this.#running) void this.#ask()
  }

  choose(track: CheckTrack): void {
    this.#tell({ type: 'chose', track })
  }

  /** A room scan begins at once, other checks after three seconds to sit straight. */
  async begin(): Promise<void> {
    const { open, track } = this.#state.get()
    if (open?.state !== 'asked') return
    if (open.check === 'room_scan') await this.#begin(open.check_id, track)
    else this.#countDown(open.check_id)
  }

  /** Back from the countdown; nothing has begun yet. */
  notYet(): void {
    this.#endCountdown()
    this.#tell({ type: 'counted', left: null })
  }

  stop(): Promise<void> {
    return this.#answer('stop', (checkId) => this.#parts.api.stopCheck(checkId))
  }

  decline(): Promise<void> {
    return this.#answer('decline', (checkId) => this.#parts.api.declineCheck(checkId))
  }

  /** The person has read how the last check ended. */
  read(): void {
    this.#tell({ type: 'read' })
  }

  /** Show a new QR code; an earlier one stops being valid. */
  async invitePhone(): Promise<void> {
    this.#tell({ type: 'did', action: 'invite' })
    try {
      this.#invitation.set(await this.#parts.api.invitePhone())
      this.#tell({ type: 'done' })
    } catch (error) {
      this.#tell({ type: 'failed', error })
    }
  }

  async sendPhoneAway(): Promise<void> {
    this.#invitation.set(null)
    try {
      await this.#parts.api.sendPhoneAway()
      await this.#ask()
    } catch (error) {
      this.#tell({ type: 'failed', error })
    }
  }

  close(): void {
    this.#closed = true
    this.#endCountdown()
  }

  async #begin(checkId: string, track: CheckTrack): Promise<void> {
    await this.#answer('begin', () => this.#patiently(checkId, () => this.#parts.api.beginCheck(checkId, track)))
  }

  /** A server whose analysis is still busy with what was before is asked again, as long as the check waits. */
  async #patiently(checkId: string, call: () => Promise<CheckView>): Promise<CheckView> {
    for (let left = BEGIN_TRIES; ; left -= 1) {
      try {
        return await call()
      } catch (error) {
        const passes = error instanceof ProblemError && PASSING.has(error.problem.code)
        if (!passes || left <= 1) throw error
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
        const { open } = this.#state.get()
        if (this.#closed || open?.check_id !== checkId || open.state !== 'asked') throw error
      }
    }
  }

  #countDown(checkId: string): void {
    this.#endCountdown()
    let left = COUNTDOWN_S
    this.#tell({ type: 'counted', left })
    this.#counting = setInterval(() => {
      left -= 1
      if (left > 0) {
        this.#tell({ type: 'counted', left })
        return
      }
      this.#endCountdown()
      void this.#begin(checkId, 'camera')
    }, SECOND_MS)
  }

  #endCountdown(): void {
    clearInterval(this.#counting)
    this.#counting = undefined
  }

  async #answer(
    action: 'begin' | 'stop' | 'decline',
    call: (checkId: string) => Promise<CheckView>,
  ): Promise<void> {
    const { open } = this.#state.get()
    if (open === null) return
    this.#tell({ type: 'did', action })
    try {
      const check = await call(open.check_id)
      this.#tell({ type: 'told', check, asOf: null })
      this.#tell({ type: 'done' })
    } catch (error) {
      this.#tell({ type: 'failed', error })
      // The check may have ended meanwhile; what the server says now is what the page shows.
      await this.#ask()
    }
  }

  /** Ask the server how the sitting stands: one question at a time, and once more when there was news meanwhile. */
  async #ask(): Promise<void> {
    this.#due = true
    if (this.#asking) return
    this.#asking = true
    while (this.#due && !this.#closed) {
      this.#due = false
      try {
        this.#parts.onSitting(await this.#parts.api.read())
      } catch {
        // The page's interruptions tell of a server that is away, and the control socket asks again when it is back.
      }
    }
    this.#asking = false
  }

  #tell(event: CheckEvent): void {
    if (this.#closed) return
    this.#state.set(advanceChecks(this.#state.get(), event))
    const { open } = this.#state.get()
    if (open?.state !== 'asked') this.#endCountdown()
    if (open === null) this.#invitation.set(null)
  }
}
