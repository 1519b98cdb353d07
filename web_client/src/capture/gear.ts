import { socketUrl } from '@/api/client'
import { AnswerBook } from './answers'
import { type Blocker, DeviceRefused } from './blockers'
import { examineBrowser } from './browser_support'
import { CaptureDevices } from './capture_devices'
import { EventJournal } from './client_events'
import type {
  FromServer,
  InvigilatorMessage,
  RecordedTrack,
  SittingApi,
  SittingForCandidate,
  SittingState,
} from './contract'
import { ControlSocket } from './control_socket'
import { EquipmentCheck, requiredTracks } from './equipment'
import { GuidedChecks } from './guided_checks'
import { LevelMeter } from './level_meter'
import { watchPage } from './page_watch'
import { probePictures } from './picture_probe'
import { Publisher } from './publisher'
import { Store } from './store'

export interface GearParts {
  readonly api: SittingApi
  readonly clientId: string
  readonly sitting: SittingForCandidate
  readonly onTakenOver: () => void
  readonly onState: (state: SittingState) => void
  readonly onDeviceLost: () => void
  /** The sitting as it was told to a question of the devices' side. */
  readonly onSitting: (sitting: SittingForCandidate) => void
}

/** How often waiting events are offered to the control socket again. */
const FLUSH_INTERVAL_MS = 2_000

/** Everything that one sitting needs in this tab, wired together: devices, connection, control socket, journal. */
export class Gear {
  readonly devices: CaptureDevices
  readonly publisher: Publisher
  readonly equipment: EquipmentCheck
  readonly control: ControlSocket
  readonly messages: Store<readonly InvigilatorMessage[]>
  /** Ids of the messages that the person has read. */
  readonly messagesRead = new Store<ReadonlySet<string>>(new Set())
  readonly checks: GuidedChecks
  /** What the recorder last said; null before its first word and while the control socket is down. */
  readonly recording = new Store<readonly RecordedTrack[] | null>(null)
  /** Why a device could not be opened again during the exam. */
  readonly deviceProblem = new Store<Blocker | null>(null)
  answers: AnswerBook | null = null
  readonly #parts: GearParts
  readonly #journal: EventJournal
  readonly #end = new AbortController()
  #unwatch: (() => void) | undefined

  constructor(parts: GearParts) {
    this.#parts = parts
    const { api, clientId, sitting } = parts
    this.messages = new Store<readonly InvigilatorMessage[]>(sitting.messages)
    this.devices = new CaptureDevices(navigator.mediaDevices, sitting.media)
    this.publisher = new Publisher({ api, policy: sitting.media, iceServers: sitting.ice_servers, events: window })
    this.equipment = new EquipmentCheck({
      api,
      devices: this.devices,
      publisher: this.publisher,
      sitting,
      examine: () => examineBrowser(window),
      probe: probePictures,
      meter: (track) => new LevelMeter(track),
    })
    this.checks = new GuidedChecks({ api, onSitting: parts.onSitting })
    this.control = new ControlSocket({
      url: socketUrl(`/api/sittings/${sitting.sitting_id}/control?client_id=${encodeURIComponent(clientId)}`),
      events: window,
      receive: (message) => {
        this.#receive(message)
      },
    })
    this.#journal = new EventJournal({
      sittingId: sitting.sitting_id,
      clientId,
      storage: localStorage,
      now: () => performance.timeOrigin + performance.now(),
      newId: () => crypto.randomUUID(),
      send: (events) => this.control.send({ type: 'events', events }),
    })
    this.#connectDevices()
    this.#connectControl()
  }

  /** The exam runs: note what happens around it, keep the answers once the questions are open, send what is not sent. */
  beginExam(sitting: SittingForCandidate): void {
    this.checks.look(sitting)
    if (!sitting.opening) this.#openAnswers(sitting)
    if (this.#unwatch !== undefined) return
    this.#unwatch = watchPage({
      window,
      devices: this.devices,
      wantsFullscreen: sitting.steps.fullscreen,
      record: (kind, detail) => {
        this.#journal.record(kind, detail)
      },
    })
    this.publisher.start(requiredTracks(sitting))
    void this.reopenCameraAndMicrophone()
  }

  /** Open those of camera and microphone that the exam wants and that are gone; needs no click after a reload. */
  async reopenCameraAndMicrophone(): Promise<void> {
    const { steps } = this.#parts.sitting
    const camera = steps.camera && !this.devices.holds('camera')
    const microphone = steps.microphone && !this.devices.holds('microphone')
    if (camera || microphone) {
      await this.#reopen(() => this.devices.openCameraAndMicrophone({ camera, microphone }))
    }
  }

  /** Share the whole screen again; must be called from a click. */
  async reshareScreen(): Promise<void> {
    await this.#reopen(() => this.devices.openScreen())
  }

  /** Stop noting and sending; what was noted and not yet acknowledged stays kept in this browser. */
  close(): void {
    this.#end.abort()
    this.#unwatch?.()
    this.#unwatch = undefined
    this.answers?.stop()
    this.checks.close()
    this.equipment.close()
    this.publisher.stop()
    this.devices.stopAll()
    this.control.close()
  }

  #openAnswers(sitting: SittingForCandidate): void {
    this.answers ??= new AnswerBook({
      sittingId: sitting.sitting_id,
      questions: sitting.exam.questions,
      api: this.#parts.api,
      storage: localStorage,
    })
  }

  async #reopen(open: () => Promise<void>): Promise<void> {
    this.deviceProblem.set(null)
    try {
      await open()
    } catch (error) {
      if (!(error instanceof DeviceRefused)) throw error
      this.deviceProblem.set(error.blocker)
    }
  }

  #connectDevices(): void {
    this.devices.onChange(({ track, change }) => {
      if (change === 'opened') void this.publisher.setSource(track, this.devices.track(track))
      if (change !== 'ended') return
      void this.publisher.setSource(track, undefined)
      this.equipment.deviceLost(track)
      this.#parts.onDeviceLost()
    })
  }

  #connectControl(): void {
    this.control.state.subscribe(() => {
      this.#journal.connectionLost()
      if (this.control.state.get() === 'open') {
        this.#journal.flush()
        this.publisher.retryNow()
        this.checks.catchUp()
      } else {
        this.recording.set(null)
      }
    })
    const timer = setInterval(() => {
      this.#journal.flush()
    }, FLUSH_INTERVAL_MS)
    this.#end.signal.addEventListener('abort', () => {
      clearInterval(timer)
    })
    this.control.open()
  }

  #receive(message: FromServer): void {
    switch (message.type) {
      case 'ack':
        this.#journal.acknowledged(message.event_ids)
        break
      case 'message': {
        const { message_id, text, sent_at } = message
        const known = this.messages.get()
        if (!known.some((earlier) => earlier.message_id === message_id)) {
          this.messages.set([...known, { message_id, text, sent_at }])
        }
        break
      }
      case 'recording':
        this.recording.set(message.tracks)
        break
      case 'check':
        this.checks.hear(message)
        break
      case 'check_progress':
        this.checks.hearProgress(message)
        break
      case 'opened':
        this.checks.hearOpened()
        break
      case 'phone':
        this.checks.hearPhone(message.joined)
        break
      case 'state':
        this.#parts.onState(message.state)
        break
      case 'taken_over':
        this.#parts.onTakenOver()
        break
      case 'pong':
      case 'refused':
        break
    }
  }
}
