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
  | 'document'
  | 'ready'
  | 'exam'
  | 'finished'

/** What the page is asked to do; one at a time. */
export type Action =
  | 'open'
  | 'take_over'
  | 'accept'
  | 'refuse'
  | 'report_equipment'
  | 'enrol'
  | 'read_document'
  | 'leave_document'
  | 'start'
  | 'finish'

export interface FlowState {
  /** Whether this tab is the one in which the sitting is taken. */
  readonly claim: 'none' | 'held' | 'elsewhere' | 'lost'
  /** As the server last told it; the only truth about progress. */
  readonly sitting: SittingForCandidate | null
  /** The devices were checked since this page was loaded, and are still open. */
  readonly equipped: boolean
  /** The person is about to add another photograph to those accepted. */
  readonly adding: boolean
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
  | { readonly type: 'adding'; readonly adding: boolean }
  | { readonly type: 'failed'; readonly action: Action; readonly error: unknown }
  | { readonly type: 'taken_over' }

export const FIRST: FlowState = {
  claim: 'none',
  sitting: null,
  equipped: false,
  adding: false,
  busy: null,
  problem: null,
}

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
      return { ...state, sitting: event.sitting, adding: false, busy: null, problem: null }
    case 'heard':
      return { ...state, sitting: event.sitting }
    case 'claimed':
      return { ...state, claim: 'held', problem: null }
    case 'equipped':
      return { ...state, equipped: true }
    case 'device_lost':
      return state.sitting?.state === 'running' ? state : { ...state, equipped: false }
    case 'adding':
      return { ...state, adding: event.adding, problem: null }
    case 'failed':
      return afterFailure(state, event.action, event.error)
    case 'taken_over':
      return { ...state, claim: 'lost', equipped: false, busy: null }
  }
}

/** A document that is asked for comes before the start, until it is read or left to a person. */
function afterPhotograph({ document }: SittingForCandidate): Step {
  return document === 'none' || document === 'unclear' ? 'document' : 'ready'
}

/** Which page a state stands for. The server's state leads; what this browser holds comes second. */
export function stepOf({ claim, sitting, equipped, adding, problem }: FlowState): Step {
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
      return sitting.steps.identity_photograph ? 'photograph' : afterPhotograph(sitting)
    case 'enrolled':
      if (!equipped) return 'equipment'
      return adding ? 'photograph' : afterPhotograph(sitting)
  }
}

export type Milestone = 'consent' | 'equipment' | 'photograph' | 'document' | 'exam' | 'done'

/** The way that is shown above each page; without photograph and document where the exam asks for none. */
export function milestones({ steps }: SittingForCandidate): readonly Milestone[] {
  const way: Milestone[] = ['consent', 'equipment']
  if (steps.identity_photograph) way.push('photograph')
  if (steps.identity_document) way.push('document')
  return [...way, 'exam', 'done']
}

/** Where on that way a page lies; null for pages beside it. */
export function milestoneOf(step: Step): Milestone | null {
  switch (step) {
    case 'consent':
    case 'equipment':
    case 'photograph':
    case 'document':
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
