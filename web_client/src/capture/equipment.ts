import { problemOf } from '@/api/problem'
import { type BrowserFacts, browserBlocker } from './browser_support'
import { type Blocker, DeviceRefused } from './blockers'
import { type CaptureDevices, type DeviceChoice, realSettings } from './capture_devices'
import type {
  CheckName,
  CheckReport,
  Detail,
  ReceivedLeg,
  SittingApi,
  SittingForCandidate,
  TrackName,
} from './contract'
import type { SoundLevel } from './level_meter'
import { type PictureFacts, isBlack } from './picture_probe'
import type { Publisher } from './publisher'
import { judgeReception, type ReceptionVerdict } from './reception'
import { Store, type Watched } from './store'

export interface CheckState {
  readonly state: 'waiting' | 'running' | 'ok' | 'blocked'
  readonly blocker?: Blocker | undefined
  /** The server's own code behind `server_refused`. */
  readonly code?: string | undefined
  readonly detail: Detail
}

export type CheckStates = Readonly<Record<CheckName, CheckState>>

const CHECKS: readonly CheckName[] = ['browser', 'camera', 'microphone', 'screen', 'network', 'codec']

/** A microphone's own noise lies above this; below it nothing at all comes in. */
const NOTHING_HEARD_DBFS = -80
const LISTEN_LIMIT_MS = 6_000
const SMALLEST_WIDTH_PX = 320
const SMALLEST_HEIGHT_PX = 240
const CONNECTION_LIMIT_MS = 12_000
const ARRIVAL_LIMIT_MS = 12_000
const POLL_MS = 700

export interface EquipmentParts {
  readonly api: Pick<SittingApi, 'receivedLeg' | 'reportEquipment'>
  readonly devices: Pick<CaptureDevices, 'openCameraAndMicrophone' | 'openScreen' | 'track'>
  readonly publisher: Pick<Publisher, 'start' | 'retryNow' | 'state'>
  readonly sitting: Pick<SittingForCandidate, 'steps'>
  readonly examine: () => BrowserFacts
  readonly probe: (track: MediaStreamTrack) => Promise<PictureFacts | null>
  readonly meter: (track: MediaStreamTrack) => { readonly level: Watched<SoundLevel>; close(): void }
  readonly pause?: (milliseconds: number) => Promise<void>
}

const WAITING: CheckState = { state: 'waiting', detail: {} }
const ALL_WAITING: CheckStates = {
  browser: WAITING,
  camera: WAITING,
  microphone: WAITING,
  screen: WAITING,
  network: WAITING,
  codec: WAITING,
}

/** The tracks that the exam demands, in the order of their media sections. */
export function requiredTracks({ steps }: Pick<SittingForCandidate, 'steps'>): readonly TrackName[] {
  return (['microphone', 'camera', 'screen'] as const).filter((track) => steps[track])
}

/**
 * The equipment check: opens the devices, publishes them by the exam's own publisher, and believes only what the server
 * says it receives.
 */
export class EquipmentCheck {
  readonly #parts: EquipmentParts
  readonly #states = new Store<CheckStates>(ALL_WAITING)
  readonly #level = new Store<SoundLevel | null>(null)
  readonly #pause: (milliseconds: number) => Promise<void>
  #meter: { close(): void } | undefined
  #listening = 0

  constructor(parts: EquipmentParts) {
    this.#parts = parts
    this.#pause = parts.pause ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)))
  }

  get states(): Watched<CheckStates> {
    return this.#states
  }

  /** Level of the microphone while it is being tested; null otherwise. */
  get level(): Watched<SoundLevel | null> {
    return this.#level
  }

  /** The checks that this exam needs, in order. */
  get needed(): readonly CheckName[] {
    const { steps } = this.#parts.sitting
    return CHECKS.filter((check) =>
      check === 'camera' || check === 'microphone' || check === 'screen' ? steps[check] : true,
    )
  }

  get allOk(): boolean {
    return this.needed.every((check) => this.#states.get()[check].state === 'ok')
  }

  checkBrowser(): void {
    const facts = this.#parts.examine()
    const blocker = browserBlocker(facts)
    const detail: Record<string, string | boolean> = { secure: facts.secure }
    if (facts.missing.length > 0) detail['missing'] = facts.missing.join(',')
    if (facts.displaysExtended !== undefined) detail['displays_extended'] = facts.displaysExtended
    this.#settle('browser', blocker, detail)
  }

  /** Open camera and microphone, then look and listen. Each ends as ok or with its own blocker. */
  async checkCameraAndMicrophone(choice: DeviceChoice = {}): Promise<void> {
    const { devices, sitting } = this.#parts
    const wanted = { camera: sitting.steps.camera, microphone: sitting.steps.microphone }
    if (wanted.camera) this.#run('camera')
    if (wanted.microphone) this.#run('microphone')
    this.#reset('network', 'codec')
    let refused: DeviceRefused | undefined
    try {
      await devices.openCameraAndMicrophone(wanted, choice)
    } catch (error) {
      if (!(error instanceof DeviceRefused)) throw error
      refused = error
    }
    if (refused !== undefined) this.#blockDevice(refused)
    if (wanted.camera && refused?.device !== 'camera') await this.#look()
    if (wanted.microphone && refused === undefined) await this.#listen()
  }

  /** Ask for the whole screen; must be called from a click. */
  async checkScreen(): Promise<void> {
    const { devices } = this.#parts
    this.#run('screen')
    this.#reset('network', 'codec')
    try {
      await devices.openScreen()
    } catch (error) {
      if (!(error instanceof DeviceRefused)) throw error
      this.#settle('screen', error.blocker, {})
      return
    }
    const track = devices.track('screen')
    if (track !== undefined) this.#settle('screen', null, realSettings(track))
  }

  /** Publish, and wait until the server says that every track arrives as it should. */
  async checkConnection(): Promise<void> {
    const { publisher, sitting } = this.#parts
    this.#run('network')
    this.#run('codec')
    publisher.start(requiredTracks(sitting))
    publisher.retryNow()
    const leg = await this.#connectedLeg()
    if (leg === null) return
    const verdict = await this.#arrival(leg)
    const detail: Record<string, string | number | boolean> = { leg, ...verdict.detail }
    const { roundTripMs } = publisher.state.get()
    if (roundTripMs !== undefined) detail['round_trip_ms'] = roundTripMs
    this.#settle('network', verdict.network, detail)
    this.#settle('codec', verdict.network === null ? verdict.codec : 'media_not_arriving', verdict.codecs)
  }

  /** Tell the server the outcome; throws a `ProblemError` when it sees it differently. */
  report(): Promise<SittingForCandidate> {
    const states = this.#states.get()
    const checks: CheckReport[] = this.needed.map((check) => ({
      check,
      ok: states[check].state === 'ok',
      detail: {
        ...states[check].detail,
        ...(states[check].blocker === undefined ? {} : { blocker: states[check].blocker }),
      },
    }))
    return this.#parts.api.reportEquipment(checks)
  }

  /** A device that was fine has gone; its check must be done again. */
  deviceLost(track: TrackName): void {
    if (this.#states.get()[track].state !== 'ok') return
    this.#states.patch({ [track]: WAITING, network: WAITING, codec: WAITING })
  }

  close(): void {
    this.#listening += 1
    this.#meter?.close()
    this.#meter = undefined
    this.#level.set(null)
  }

  async #look(): Promise<void> {
    const track = this.#parts.devices.track('camera')
    if (track === undefined) return
    const facts = await this.#parts.probe(track)
    const settings = realSettings(track)
    if (facts === null) {
      this.#settle('camera', 'camera_failed', settings)
      return
    }
    const tooSmall = facts.width < SMALLEST_WIDTH_PX || facts.height < SMALLEST_HEIGHT_PX
    const blocker = isBlack(facts) ? 'camera_black' : tooSmall ? 'camera_too_small' : null
    this.#settle('camera', blocker, { ...settings, width: facts.width, height: facts.height })
  }

  /** Ends as ok at the first sound. Complete silence is a blocker, which a later sound takes away. */
  async #listen(): Promise<void> {
    const track = this.#parts.devices.track('microphone')
    if (track === undefined) return
    this.close()
    const turn = this.#listening
    const meter = this.#parts.meter(track)
    this.#meter = meter
    meter.level.subscribe(() => {
      this.#level.set(meter.level.get())
    })
    const settings = realSettings(track)
    if (await this.#hear(turn, meter.level, settings, LISTEN_LIMIT_MS)) return
    if (turn !== this.#listening) return
    this.#settle('microphone', 'microphone_silent', settings)
    void this.#hear(turn, meter.level, settings, Number.POSITIVE_INFINITY)
  }

  async #hear(turn: number, level: Watched<SoundLevel>, settings: Detail, limitMs: number): Promise<boolean> {
    for (let waited = 0; waited < limitMs && turn === this.#listening; waited += POLL_MS) {
      const { peakDbfs } = level.get()
      if (peakDbfs > NOTHING_HEARD_DBFS) {
        this.#settle('microphone', null, { ...settings, peak_dbfs: Math.round(peakDbfs) })
        return true
      }
      await this.#pause(POLL_MS)
    }
    return false
  }

  async #connectedLeg(): Promise<number | null> {
    const { publisher } = this.#parts
    for (let waited = 0; waited < CONNECTION_LIMIT_MS; waited += POLL_MS) {
      const { phase, leg, fault } = publisher.state.get()
      if (phase === 'connected' && leg !== undefined) return leg
      if (phase === 'refused' || fault === 'codec_missing') break
      await this.#pause(POLL_MS)
    }
    const { fault, code } = publisher.state.get()
    const blocker = fault ?? 'server_unreachable'
    this.#states.patch({ network: { state: 'blocked', blocker, code, detail: {} }, codec: WAITING })
    return null
  }

  async #arrival(leg: number): Promise<ReceptionVerdict> {
    const wanted = requiredTracks(this.#parts.sitting)
    let verdict = judgeReception(null, wanted)
    for (let waited = 0; waited < ARRIVAL_LIMIT_MS; waited += POLL_MS) {
      let received: ReceivedLeg | null = null
      try {
        received = await this.#parts.api.receivedLeg(leg)
      } catch (error) {
        if (problemOf(error).status === 404) return verdict
      }
      verdict = judgeReception(received, wanted)
      if (verdict.settled) return verdict
      await this.#pause(POLL_MS)
    }
    return verdict
  }

  #blockDevice({ device, blocker }: DeviceRefused): void {
    this.#settle(device, blocker, {})
    // The other of the two was not reached.
    if (device === 'camera' && this.#parts.sitting.steps.microphone) this.#states.patch({ microphone: WAITING })
  }

  #run(check: CheckName): void {
    this.#states.patch({ [check]: { state: 'running', detail: {} } })
  }

  #reset(...checks: readonly CheckName[]): void {
    for (const check of checks) this.#states.patch({ [check]: WAITING })
  }

  #settle(check: CheckName, blocker: Blocker | null, detail: Detail): void {
    this.#states.patch({ [check]: blocker === null ? { state: 'ok', detail } : { state: 'blocked', blocker, detail } })
  }
}
