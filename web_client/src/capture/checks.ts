import type { CheckOutcome, CheckProgress, CheckTrack, CheckView } from './contract'
import { pace, type Paced, SILENT } from './hint_pacer'

type CheckAction = 'begin' | 'stop' | 'decline' | 'invite'

/** A check that is over, with what is known of its end; null where this browser never heard it. */
export interface EndedCheck {
  readonly check_id: string
  readonly check: CheckView['check']
  readonly outcome: CheckOutcome | null
  readonly result: CheckView['result']
}

/** How far a running check has come. */
export interface Running {
  readonly coverageDeg: number | null
  readonly yawDeg: number | null
  /** The furthest that the camera was turned to either side since this page watches, in degrees. */
  readonly turned: { readonly fromDeg: number; readonly toDeg: number } | null
  readonly missed: readonly string[]
  readonly prompt: Prompt | null
  readonly paced: Paced
}

export type Prompt = NonNullable<CheckProgress['prompt']>
/** Where the dot of a gaze calibration is. */
export type DotPlace = Extract<Prompt, `gaze_${string}`>
/** What a challenge asks for. */
export type TaskPrompt = Exclude<Prompt, DotPlace>

export function isDotPlace(prompt: Prompt): prompt is DotPlace {
  return prompt.startsWith('gaze_')
}

export interface ChecksState {
  /** The check that waits or runs; at most one of a sitting does. */
  readonly open: CheckView | null
  /** The last one that ended, until the person has read how. */
  readonly ended: EndedCheck | null
  /** The last check that is known to have ended: older news of it is passed over. */
  readonly over: string | null
  readonly track: CheckTrack
  /** Seconds until a check that is done sitting begins; null when none is about to. */
  readonly countdown: number | null
  readonly running: Running
  /** It was stopped, and the server looks at what was recorded. */
  readonly judging: boolean
  readonly busy: CheckAction | null
  readonly problem: unknown
}

export type CheckEvent =
  /** The server's word; `asOf` is its clock when it said so, in ms since 1970, or null for "now". */
  | { readonly type: 'told'; readonly check: CheckView | null; readonly asOf: number | null }
  | { readonly type: 'progressed'; readonly progress: CheckProgress; readonly nowMs: number }
  | { readonly type: 'chose'; readonly track: CheckTrack }
  | { readonly type: 'counted'; readonly left: number | null }
  | { readonly type: 'did'; readonly action: CheckAction }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'read' }

const NOT_RUNNING: Running = {
  coverageDeg: null,
  yawDeg: null,
  turned: null,
  missed: [],
  prompt: null,
  paced: SILENT,
}

export const NO_CHECK: ChecksState = {
  open: null,
  ended: null,
  over: null,
  track: 'camera',
  countdown: null,
  running: NOT_RUNNING,
  judging: false,
  busy: null,
  problem: null,
}

const RANK = { asked: 0, begun: 1, ended: 2 } as const

function endOf({ check_id, check, outcome, result }: CheckView): EndedCheck {
  return { check_id, check, outcome, result }
}

function closed(state: ChecksState, ended: EndedCheck): ChecksState {
  return { ...NO_CHECK, track: state.track, ended, over: ended.check_id }
}

/** Nothing is open any more. That a check ended, and how, is normally heard before; after a break it may not have been. */
function afterNone(state: ChecksState, asOf: number | null): ChecksState {
  const { open } = state
  if (open === null || (asOf !== null && asOf < Date.parse(open.asked_at))) return state
  return closed(state, { ...endOf(open), outcome: null, result: null })
}

function afterTold(state: ChecksState, told: CheckView): ChecksState {
  if (told.check_id === state.over) return state
  const { open } = state
  if (told.state === 'ended') {
    // One that this page never showed, as after a reload, is past.
    return open?.check_id === told.check_id ? closed(state, endOf(told)) : state
  }
  if (open?.check_id === told.check_id) {
    if (RANK[told.state] < RANK[open.state]) return state
    const begins = told.state === 'begun' && open.state === 'asked'
    return { ...state, open: told, ...(begins ? { countdown: null, busy: null, running: NOT_RUNNING } : {}) }
  }
  // An answer that was under way while a newer check was asked for.
  if (open !== null && Date.parse(told.asked_at) < Date.parse(open.asked_at)) return state
  return { ...NO_CHECK, track: state.track, ended: state.ended, over: state.over, open: told }
}

function afterProgress(running: Running, progress: CheckProgress, nowMs: number): Running {
  const { coverage_deg, yaw_deg, missed, hints, prompt } = progress
  const { turned } = running
  return {
    coverageDeg: coverage_deg ?? running.coverageDeg,
    yawDeg: yaw_deg ?? running.yawDeg,
    turned:
      yaw_deg === null
        ? turned
        : { fromDeg: Math.min(turned?.fromDeg ?? yaw_deg, yaw_deg), toDeg: Math.max(turned?.toDeg ?? yaw_deg, yaw_deg) },
    missed,
    prompt: prompt ?? running.prompt,
    paced: pace(running.paced, hints, nowMs),
  }
}

/** The next state; pure. The server's word leads, and late news of what is past changes nothing. */
export function advanceChecks(state: ChecksState, event: CheckEvent): ChecksState {
  switch (event.type) {
    case 'told':
      return event.check === null ? afterNone(state, event.asOf) : afterTold(state, event.check)
    case 'progressed':
      if (state.open?.check_id !== event.progress.check_id || state.open.state !== 'begun') return state
      return { ...state, running: afterProgress(state.running, event.progress, event.nowMs) }
    case 'chose':
      return { ...state, track: event.track, problem: null }
    case 'counted':
      return { ...state, countdown: event.left, problem: null }
    case 'did':
      return { ...state, busy: event.action, problem: null }
    case 'done':
      return { ...state, busy: null, judging: state.judging || (state.busy === 'stop' && state.open !== null) }
    case 'failed':
      return { ...state, busy: null, countdown: null, problem: event.error }
    case 'read':
      return { ...state, ended: null }
  }
}

/** What the page shows of the open check. */
export type CheckStage = 'none' | 'asked' | 'countdown' | CheckView['check']

export function stageOf({ open, countdown }: ChecksState): CheckStage {
  if (open === null) return 'none'
  if (open.state === 'begun') return open.check
  return countdown === null ? 'asked' : 'countdown'
}

/** The shown part of the circle: its middle and width in degrees, to the right of where the camera looked first. */
export interface Arc {
  readonly middleDeg: number
  readonly widthDeg: number
}

/** Null before anything was shown. The width is what the server proved; where it lies follows from the turns. */
export function shownArc({ coverageDeg, turned }: Running): Arc | null {
  if (coverageDeg === null || coverageDeg <= 0) return null
  const middleDeg = turned === null ? 0 : (turned.fromDeg + turned.toDeg) / 2
  return { middleDeg, widthDeg: Math.min(360, coverageDeg) }
}
