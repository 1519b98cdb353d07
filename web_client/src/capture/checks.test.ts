import { describe, expect, it } from 'vitest'
import { advanceChecks, type CheckEvent, type ChecksState, isDotPlace, NO_CHECK, shownArc, stageOf } from './checks'
import type { CheckProgress, CheckView } from './contract'

const ASKED_AT = '2026-03-02T08:00:00Z'
const LATER = Date.parse('2026-03-02T08:01:00Z')

function view(fields: Partial<CheckView> = {}): CheckView {
  return {
    check_id: 'one',
    check: 'room_scan',
    state: 'asked',
    asked_at: ASKED_AT,
    by_policy: false,
    asked_by: null,
    track: null,
    outcome: null,
    start_ms: null,
    end_ms: null,
    result: null,
    picture_url: null,
    ...fields,
  }
}
const told = (fields: Partial<CheckView> = {}): CheckEvent => ({ type: 'told', check: view(fields), asOf: null })
const none = (asOf: number | null = null): CheckEvent => ({ type: 'told', check: null, asOf })
const progress = (fields: Partial<CheckProgress>): CheckEvent => ({
  type: 'progressed',
  nowMs: 0,
  progress: {
    type: 'check_progress',
    check_id: 'one',
    coverage_deg: null,
    yaw_deg: null,
    missed: [],
    hints: [],
    prompt: null,
    ...fields,
  },
})
const after = (...events: readonly CheckEvent[]): ChecksState => events.reduce(advanceChecks, NO_CHECK)

describe('a guided check', () => {
  it('goes from asked over begun to its result, which stays until it was read', () => {
    expect(stageOf(NO_CHECK)).toBe('none')
    expect(stageOf(after(told()))).toBe('asked')
    expect(stageOf(after(told(), told({ state: 'begun' })))).toBe('room_scan')
    const over = after(told(), told({ state: 'begun' }), told({ state: 'ended', outcome: 'complete' }), none())
    expect(stageOf(over)).toBe('none')
    expect(over.ended).toMatchObject({ check_id: 'one', outcome: 'complete' })
    expect(advanceChecks(over, { type: 'read' }).ended).toBeNull()
  })

  it('begins a challenge after a countdown, and can go back from it', () => {
    const counting = after(told({ check: 'challenge' }), { type: 'counted', left: 3 })
    expect(stageOf(counting)).toBe('countdown')
    expect(stageOf(advanceChecks(counting, { type: 'counted', left: null }))).toBe('asked')
    const begun = advanceChecks(counting, told({ check: 'challenge', state: 'begun' }))
    expect(begun).toMatchObject({ countdown: null })
    expect(stageOf(begun)).toBe('challenge')
  })

  it('is running at once after a reload in its middle', () => {
    expect(stageOf(after(told({ check: 'challenge', state: 'begun' })))).toBe('challenge')
  })

  it('shows where the dot of a gaze calibration is, after a countdown', () => {
    const asked = told({ check: 'gaze_calibration' })
    expect(stageOf(after(asked, { type: 'counted', left: 2 }))).toBe('countdown')
    const begun = after(
      asked,
      told({ check: 'gaze_calibration', state: 'begun' }),
      progress({ prompt: 'gaze_left' }),
    )
    expect(stageOf(begun)).toBe('gaze_calibration')
    expect(begun.running.prompt).toBe('gaze_left')
    expect(begun.running.prompt !== null && isDotPlace(begun.running.prompt)).toBe(true)
    expect(isDotPlace('dot_left')).toBe(false)
  })

  it('does not show again after a reload how an earlier one ended', () => {
    expect(after(told({ state: 'ended', outcome: 'complete' }))).toEqual(NO_CHECK)
  })

  it('keeps the result of one opening check beside the next', () => {
    const next = after(told(), told({ state: 'ended', outcome: 'declined' }), told({ check_id: 'two', check: 'challenge' }))
    expect(next.ended?.outcome).toBe('declined')
    expect(next.open?.check_id).toBe('two')
  })

  it('says only that it is over where its end was missed', () => {
    expect(after(told(), none(LATER)).ended).toMatchObject({ check_id: 'one', outcome: null })
  })

  it('passes over late news', () => {
    expect(after(told(), none(Date.parse(ASKED_AT) - 1)).open).not.toBeNull()
    expect(after(told({ state: 'begun' }), told()).open?.state).toBe('begun')
    const over = after(told(), told({ state: 'ended', outcome: 'withdrawn' }), told({ state: 'begun' }))
    expect(over.open).toBeNull()
    const second = view({ check_id: 'two', asked_at: '2026-03-02T08:00:30Z' })
    const newer = after({ type: 'told', check: second, asOf: null }, told())
    expect(newer.open?.check_id).toBe('two')
  })

  it('waits for the result after it was stopped', () => {
    const stopping = after(told({ state: 'begun' }), { type: 'did', action: 'stop' })
    const stopped = advanceChecks(advanceChecks(stopping, told({ state: 'begun' })), { type: 'done' })
    expect(stopped).toMatchObject({ judging: true, busy: null })
    expect(advanceChecks(stopped, told({ state: 'ended', outcome: 'incomplete' })).judging).toBe(false)
    const refused = advanceChecks(stopping, { type: 'failed', error: 'no' })
    expect(refused).toMatchObject({ judging: false, busy: null, problem: 'no' })
  })

  it('remembers the camera that was chosen, and starts each running check afresh', () => {
    const state = after({ type: 'chose', track: 'phone' }, told(), told({ state: 'begun' }), progress({ coverage_deg: 90 }))
    expect(state).toMatchObject({ track: 'phone', running: { coverageDeg: 90 } })
    const next = [told({ state: 'ended' }), told({ check_id: 'two' })].reduce(advanceChecks, state)
    expect(next).toMatchObject({ track: 'phone', running: { coverageDeg: null } })
  })
})

describe('progress', () => {
  it('counts only for the check that runs', () => {
    expect(after(told(), progress({ coverage_deg: 10 })).running.coverageDeg).toBeNull()
    const other = after(told({ check_id: 'two', state: 'begun' }), progress({ coverage_deg: 10 }))
    expect(other.running.coverageDeg).toBeNull()
  })

  it('keeps what a message does not tell', () => {
    const state = after(
      told({ check: 'challenge', state: 'begun' }),
      progress({ prompt: 'turn_left' }),
      progress({ prompt: null, coverage_deg: 12 }),
    )
    expect(state.running).toMatchObject({ prompt: 'turn_left', coverageDeg: 12 })
  })

  it('lays the shown arc around the middle of the turns, to the side that was turned to', () => {
    const turns = [0, 60, 30].map((yaw_deg) => progress({ yaw_deg, coverage_deg: 120 }))
    const right = after(told({ state: 'begun' }), ...turns).running
    expect(shownArc(right)).toEqual({ middleDeg: 30, widthDeg: 120 })
    const left = after(told({ state: 'begun' }), progress({ yaw_deg: 0 }), progress({ yaw_deg: -50, coverage_deg: 110 }))
    expect(shownArc(left.running)).toEqual({ middleDeg: -25, widthDeg: 110 })
    expect(shownArc(NO_CHECK.running)).toBeNull()
  })
})
