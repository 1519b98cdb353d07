import { problemOf } from '@/api/problem'
import type { SittingForCandidate } from './contract'

/** Where the candidate stands; each has one page. */
export type Step =
  | 'opening'
  | 'unreachable'
  | 'elsewhere'
  | 'taken_over'
  | 'consent'
  | 'refused'
  | 'equipment'
  | 'photograph'
  | 'ready'
  | 'exam'
  | 'finished'

/** What the page is asked to do; one at a time. */
export type Action = 'open' | 'take_over' | 'accept' | 'refuse' | 'report_equipment' | 'enrol' | 'start' | 'finish'

export interface FlowState {
  /** Whether this tab is the one in which the sitting is taken. */
  readonly claim: 'none' | 'held' | 'elsewhere' | 'lost'
  /** As the server last told it; the only truth about progress. */
  readonly sitting: SittingForCandidate | null
  /** The devices were checked since this page was loaded, and are still open. */
  readonly equipped: boolean
  readonly busy: Action | null
  readonly problem: { readonly action: Action; readonly error: unknown } | null
}

export type FlowEvent =
  | { readonly type: 'began'; readonly action: Action }
  | { readonly type: 'told'; readonly sitting: SittingForCandidate }
  /** News of the sitting that no action of the person brought. */
  | { readonly type: 'heard'; readonly sitting: SittingForCandidate }
  | { readonly type: 'claimed' }
  | { readonly type: 'equipped' }
  | { readonly type: 'device_lost' }
  | { readonly type: 'failed'; readonly action: Action; readonly error: unknown }
  | { readonly type: 'taken_over' }

export const FIRST: FlowState = { claim: 'none', sitting: null, equipped: false, busy: null, problem: null }

/** Codes after which the devices must be checked again. */
const EQUIPMENT_CODES: ReadonlySet<string> = new Set(['equipment_missing', 'media_not_arriving'])

function afterFailure(state: FlowState, action: Action, error: unknown): FlowState {
  const { code } = problemOf(error)
  const settled = { ...state, busy: null }
  if (code === 'sitting_open_elsewhere') {
    return { ...settled, claim: state.claim === 'held' ? 'lost' : 'elsewhere', equipped: false, problem: null }
  }
  return {
    ...settled,
    equipped: EQUIPMENT_CODES.has(code) ? false : state.equipped,
    problem: { action, error },
  }
}

/** The next state; pure, so that every way through the sitting can be tried out in a test. */
export function advance(state: FlowState, event: FlowEvent): FlowState {
  switch (event.type) {
    case 'began':
      return { ...state, busy: event.action, problem: null }
    case 'told':
      return { ...state, sitting: event.sitting, busy: null, problem: null }
    case 'heard':
      return { ...state, sitting: event.sitting }
    case 'claimed':
      return { ...state, claim: 'held', problem: null }
    case 'equipped':
      return { ...state, equipped: true }
    case 'device_lost':
      return state.sitting?.state === 'running' ? state : { ...state, equipped: false }
    case 'failed':
      return afterFailure(state, event.action, event.error)
    case 'taken_over':
      return { ...state, claim: 'lost', equipped: false, busy: null }
  }
}

/** Which page a state stands for. The server's state leads; what this browser holds comes second. */
export function stepOf({ claim, sitting, equipped, problem }: FlowState): Step {
  if (sitting?.state === 'finished') return 'finished'
  if (sitting?.state === 'refused') return 'refused'
  if (claim === 'elsewhere') return 'elsewhere'
  if (claim === 'lost') return 'taken_over'
  if (sitting === null || claim === 'none') return problem === null ? 'opening' : 'unreachable'
  switch (sitting.state) {
    case 'scheduled':
      return 'consent'
    case 'running':
      return 'exam'
    case 'consented':
      return 'equipment'
    case 'checked':
      if (!equipped) return 'equipment'
      return sitting.steps.identity_photograph ? 'photograph' : 'ready'
    case 'enrolled':
      return equipped ? 'ready' : 'equipment'
  }
}

export type Milestone = 'consent' | 'equipment' | 'photograph' | 'exam' | 'done'

/** The way that is shown above each page; without the photograph where the exam asks for none. */
export function milestones(sitting: SittingForCandidate): readonly Milestone[] {
  return sitting.steps.identity_photograph
    ? ['consent', 'equipment', 'photograph', 'exam', 'done']
    : ['consent', 'equipment', 'exam', 'done']
}

/** Where on that way a page lies; null for pages beside it. */
export function milestoneOf(step: Step): Milestone | null {
  switch (step) {
    case 'consent':
    case 'equipment':
    case 'photograph':
      return step
    case 'ready':
    case 'exam':
      return 'exam'
    case 'finished':
      return 'done'
    default:
      return null
  }
}
