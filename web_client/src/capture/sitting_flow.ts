import { problemOf } from '@/api/problem'
import type { ConsentDocument, DocumentOutcome, Language, SittingApi, SittingForCandidate } from './contract'
import { type ExamClock, examClock } from './exam_clock'
import { Gear } from './gear'
import { type Action, advance, FIRST, type FlowEvent, type FlowState, type Step, stepOf } from './sitting'
import { Store, type Watched } from './store'

export interface FlowParts {
  readonly api: SittingApi
  readonly clientId: string
}

/** Leads one candidate through one sitting: carries out the actions, and tells the state machine what came of them. */
export class SittingFlow {
  readonly #parts: FlowParts
  readonly #state = new Store<FlowState>(FIRST)
  readonly #consent = new Store<ConsentDocument | null>(null)
  #gear: Gear | null = null
  #clock: ExamClock | null = null
  #closed = false

  constructor(parts: FlowParts) {
    this.#parts = parts
    window.addEventListener('beforeunload', this.#guard)
  }

  get state(): Watched<FlowState> {
    return this.#state
  }

  get consent(): Watched<ConsentDocument | null> {
    return this.#consent
  }

  get step(): Step {
    return stepOf(this.#state.get())
  }

  /** Devices and connection; null until the sitting is open in this tab. */
  get gear(): Gear | null {
    return this.#gear
  }

  /** The exam's time; null until the server told the sitting. */
  get clock(): ExamClock | null {
    return this.#clock
  }

  open(): Promise<void> {
    return this.#act('open', () => this.#claim(false))
  }

  takeOver(): Promise<void> {
    return this.#act('take_over', () => this.#claim(true))
  }

  /** Do again what failed last. */
  async retry(): Promise<void> {
    if (this.#state.get().claim !== 'held') await this.open()
    else await this.refresh()
  }

  /** Ask the server how things stand; it is the truth after any doubt. */
  refresh(): Promise<void> {
    return this.#act('open', () => this.#parts.api.read())
  }

  accept(language: Language): Promise<void> {
    return this.#answerConsent('accept', language)
  }

  refuse(language: Language): Promise<void> {
    return this.#answerConsent('refuse', language)
  }

  /** The equipment check is through: tell the server, which looks for itself. */
  async reportEquipment(): Promise<void> {
    const gear = this.#gear
    if (gear === null) return
    await this.#act('report_equipment', async () => {
      const sitting = await gear.equipment.report()
      gear.equipment.close()
      this.#tell({ type: 'equipped' })
      return sitting
    })
  }

  /** Another photograph is to be added to those accepted, or not after all. */
  addPhotograph(adding: boolean): void {
    this.#tell({ type: 'adding', adding })
  }

  enrol(picture: Blob): Promise<void> {
    const { adding } = this.#state.get()
    return this.#act('enrol', async () => {
      await this.#parts.api.enrol(picture, adding)
      return this.#parts.api.read()
    })
  }

  /** What the server makes of the document so far; null when it did not say. */
  async readDocument(picture: Blob): Promise<DocumentOutcome | null> {
    let outcome: DocumentOutcome | null = null
    await this.#act('read_document', async () => {
      outcome = await this.#parts.api.readDocument(picture)
      return this.#parts.api.read()
    })
    return outcome
  }

  /** A person looks at the document instead. */
  leaveDocument(): Promise<void> {
    return this.#act('leave_document', () => this.#parts.api.leaveDocument())
  }

  /** Must be called from a click, for full screen. */
  async start(): Promise<void> {
    const { sitting } = this.#state.get()
    if (sitting?.steps.fullscreen === true) await enterFullscreen()
    await this.#act('start', () => this.#parts.api.start())
    if (this.#state.get().problem !== null) await leaveFullscreen()
  }

  finish(): Promise<void> {
    return this.#act('finish', async () => {
      await this.#gear?.answers?.saveAll()
      return this.#parts.api.finish()
    })
  }

  /** The page is left for good; a reload does not need this. */
  close(): void {
    this.#closed = true
    window.removeEventListener('beforeunload', this.#guard)
    this.#gear?.close()
    this.#gear = null
  }

  async #claim(takeOver: boolean): Promise<SittingForCandidate> {
    const { api } = this.#parts
    const sitting = await api.read()
    if (sitting.state === 'finished' || sitting.state === 'refused') return sitting
    await api.claim(takeOver)
    if (sitting.state === 'scheduled') this.#consent.set(await api.consentDocument())
    this.#tell({ type: 'claimed' })
    return sitting
  }

  async #answerConsent(action: 'accept' | 'refuse', language: Language): Promise<void> {
    const document = this.#consent.get()
    if (document === null) return
    await this.#act(action, async () => {
      try {
        return await this.#parts.api.consent(document.version, language, action === 'accept')
      } catch (error) {
        if (problemOf(error).code === 'consent_outdated') this.#consent.set(await this.#parts.api.consentDocument())
        throw error
      }
    })
  }

  async #act(action: Action, work: () => Promise<SittingForCandidate>): Promise<void> {
    this.#tell({ type: 'began', action })
    try {
      this.#told('told', await this.#holding(work))
    } catch (error) {
      if (this.#closed) return
      this.#tell({ type: 'failed', action, error })
      if (this.step === 'taken_over') this.#letGo()
    }
  }

  /** A server that was started anew has forgotten the claim; claim again once and repeat. */
  async #holding(work: () => Promise<SittingForCandidate>): Promise<SittingForCandidate> {
    try {
      return await work()
    } catch (error) {
      if (problemOf(error).code !== 'not_claimed') throw error
      await this.#parts.api.claim(false)
      return work()
    }
  }

  #told(type: 'told' | 'heard', sitting: SittingForCandidate): void {
    if (this.#closed) return
    this.#clock = examClock(sitting)
    const { claim } = this.#state.get()
    if (claim === 'held' && sitting.state !== 'finished' && sitting.state !== 'refused') {
      this.#gear ??= this.#newGear(sitting)
      if (sitting.state === 'running') this.#gear.beginExam(sitting)
    }
    this.#tell({ type, sitting })
    if (sitting.state === 'finished' || sitting.state === 'refused') this.#letGo()
  }

  #newGear(sitting: SittingForCandidate): Gear {
    return new Gear({
      ...this.#parts,
      sitting,
      onTakenOver: () => {
        this.#tell({ type: 'taken_over' })
        this.#letGo()
      },
      onState: (state) => {
        if (this.#state.get().sitting?.state !== state && this.#state.get().busy === null) void this.refresh()
      },
      onDeviceLost: () => {
        this.#tell({ type: 'device_lost' })
      },
      onSitting: (news) => {
        this.#told('heard', news)
      },
    })
  }

  #letGo(): void {
    this.#gear?.close()
    this.#gear = null
    void leaveFullscreen()
  }

  #tell(event: FlowEvent): void {
    this.#state.set(advance(this.#state.get(), event))
  }

  /** Closing the tab during the exam asks first. */
  readonly #guard = (event: BeforeUnloadEvent): void => {
    if (this.step === 'exam') event.preventDefault()
  }
}

/** Full screen is asked for, never forced: a browser or a person may decline. */
export async function enterFullscreen(): Promise<void> {
  try {
    await document.documentElement.requestFullscreen()
  } catch {
    // Declined or not available; the exam page offers it again and the timeline says that it is off.
  }
}

async function leaveFullscreen(): Promise<void> {
  try {
    if (document.fullscreenElement !== null) await document.exitFullscreen()
  } catch {
    // Already left.
  }
}
