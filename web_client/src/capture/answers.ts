import { problemOf } from '@/api/problem'
import type { Question, SittingApi } from './contract'
import type { KeptStorage } from './client_events'
import { Store, type Watched } from './store'

/** `kept`: safe on this device, not yet on the server. `refused`: the server does not take it any more. */
type AnswerSafety = 'empty' | 'saved' | 'saving' | 'kept' | 'refused'

export interface Answer {
  readonly text: string
  readonly safety: AnswerSafety
  readonly savedAt?: string | undefined
  /** Another version that this device holds, written while the server got a different one from elsewhere. */
  readonly otherVersion?: string | undefined
}

export type Answers = Readonly<Record<string, Answer>>

interface Draft {
  readonly text: string
  /** What the server had when this draft was begun. */
  readonly base: string
}

export interface AnswerParts {
  readonly sittingId: string
  readonly questions: readonly Question[]
  readonly api: Pick<SittingApi, 'saveAnswer'>
  readonly storage: KeptStorage
}

const QUIET_MS = 800
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 10_000

function readDraft(text: string | null): Draft | null {
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('text' in value) || !('base' in value)) return null
    return typeof value.text === 'string' && typeof value.base === 'string'
      ? { text: value.text, base: value.base }
      : null
  } catch {
    return null
  }
}

/** 408 and 429 ask to come back later; a log-in that ended (401) begins again in another tab. */
const PASSING: ReadonlySet<number> = new Set([401, 408, 429])

/** Trying again would not help. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && !PASSING.has(status)
}

/**
 * The written answers: kept on this device at every keystroke, saved to the server after a short quiet.
 *
 * One question has at most one request under way, so a later text never arrives before an earlier one. When the server
 * holds a text that this device did not write, neither is lost: the other one is offered beside it.
 */
export class AnswerBook {
  readonly #parts: AnswerParts
  readonly #answers: Store<Answers>
  readonly #onServer = new Map<string, string>()
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #saving = new Map<string, Promise<void>>()
  readonly #failures = new Map<string, number>()

  constructor(parts: AnswerParts) {
    this.#parts = parts
    const answers: Record<string, Answer> = {}
    for (const question of parts.questions) {
      const onServer = question.answer ?? ''
      this.#onServer.set(question.question_id, onServer)
      answers[question.question_id] = this.#reconcile(question.question_id, onServer)
    }
    this.#answers = new Store<Answers>(answers)
    for (const [id, answer] of Object.entries(answers)) if (answer.safety === 'kept') this.#later(id, 0)
  }

  get answers(): Watched<Answers> {
    return this.#answers
  }

  /** True when everything written is on the server. */
  get allSaved(): boolean {
    return Object.values(this.#answers.get()).every(({ safety }) => safety === 'saved' || safety === 'empty')
  }

  write(questionId: string, text: string): void {
    this.#keepDraft(questionId, text)
    this.#patch(questionId, { text, safety: 'kept' })
    this.#later(questionId, QUIET_MS)
  }

  /** Take the version that this device held instead of the one shown. */
  takeOtherVersion(questionId: string): void {
    const other = this.#answers.get()[questionId]?.otherVersion
    if (other === undefined) return
    this.#patch(questionId, { otherVersion: undefined })
    this.write(questionId, other)
  }

  discardOtherVersion(questionId: string): void {
    this.#parts.storage.removeItem(this.#key(questionId))
    this.#patch(questionId, { otherVersion: undefined })
  }

  /** Save everything now; resolves when each question was tried once. */
  async saveAll(): Promise<boolean> {
    const waiting = Object.entries(this.#answers.get()).filter(
      ([, { safety }]) => safety === 'kept' || safety === 'saving',
    )
    await Promise.all(waiting.map(([id]) => this.#saveNow(id)))
    return this.allSaved
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  #reconcile(questionId: string, onServer: string): Answer {
    const saved: Answer = { text: onServer, safety: onServer === '' ? 'empty' : 'saved' }
    const draft = readDraft(this.#parts.storage.getItem(this.#key(questionId)))
    if (draft === null) return saved
    if (draft.text === onServer) {
      this.#parts.storage.removeItem(this.#key(questionId))
      return saved
    }
    if (draft.base === onServer || onServer === '') return { text: draft.text, safety: 'kept' }
    return draft.text === '' ? saved : { ...saved, otherVersion: draft.text }
  }

  #later(questionId: string, delayMs: number): void {
    clearTimeout(this.#timers.get(questionId))
    this.#timers.set(
      questionId,
      setTimeout(() => void this.#saveNow(questionId), delayMs),
    )
  }

  async #saveNow(questionId: string): Promise<void> {
    clearTimeout(this.#timers.get(questionId))
    await this.#saving.get(questionId)
    const text = this.#answers.get()[questionId]?.text
    if (text === undefined || text === this.#onServer.get(questionId)) {
      this.#settle(questionId)
      return
    }
    const request = this.#request(questionId, text).finally(() => this.#saving.delete(questionId))
    this.#saving.set(questionId, request)
    await request
  }

  async #request(questionId: string, text: string): Promise<void> {
    this.#patch(questionId, { safety: 'saving' })
    try {
      const { saved_at } = await this.#parts.api.saveAnswer(questionId, text)
      this.#onServer.set(questionId, text)
      this.#failures.delete(questionId)
      this.#patch(questionId, { savedAt: saved_at })
      if (this.#answers.get()[questionId]?.text === text) this.#settle(questionId)
      else this.#keepDraft(questionId, this.#answers.get()[questionId]?.text ?? text)
    } catch (error) {
      if (isFinal(problemOf(error).status)) {
        this.#patch(questionId, { safety: 'refused' })
        return
      }
      const failures = (this.#failures.get(questionId) ?? 0) + 1
      this.#failures.set(questionId, failures)
      this.#patch(questionId, { safety: 'kept' })
      this.#later(questionId, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)))
    }
  }

  #settle(questionId: string): void {
    const answer = this.#answers.get()[questionId]
    if (answer === undefined || answer.safety === 'refused') return
    if (answer.otherVersion === undefined) this.#parts.storage.removeItem(this.#key(questionId))
    this.#patch(questionId, { safety: answer.text === '' ? 'empty' : 'saved' })
  }

  #keepDraft(questionId: string, text: string): void {
    const draft: Draft = { text, base: this.#onServer.get(questionId) ?? '' }
    try {
      this.#parts.storage.setItem(this.#key(questionId), JSON.stringify(draft))
    } catch {
      // A full or forbidden storage costs the survival of a reload; saving to the server goes on.
    }
  }

  #patch(questionId: string, fields: Partial<Answer>): void {
    const answer = this.#answers.get()[questionId]
    if (answer !== undefined) this.#answers.patch({ [questionId]: { ...answer, ...fields } })
  }

  #key(questionId: string): string {
    return `proctor.answer.${this.#parts.sittingId}.${questionId}`
  }
}
