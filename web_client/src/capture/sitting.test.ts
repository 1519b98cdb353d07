import { describe, expect, it } from 'vitest'
import { ProblemError, readProblem } from '@/api/problem'
import type { SittingForCandidate, SittingState } from './contract'
import { advance, FIRST, type FlowEvent, milestoneOf, milestones, stepOf } from './sitting'

function sitting(state: SittingState, photograph = true): SittingForCandidate {
  const steps = { camera: true, microphone: true, screen: true, identity_photograph: photograph, fullscreen: true }
  return { state, steps } as SittingForCandidate
}
const told = (state: SittingState, photograph = true): FlowEvent => ({
  type: 'told',
  sitting: sitting(state, photograph),
})
const after = (...events: readonly FlowEvent[]) => stepOf(events.reduce(advance, FIRST))
const failed = (status: number, code: string): FlowEvent => ({
  type: 'failed',
  action: 'start',
  error: new ProblemError(readProblem(status, { code })),
})
const CLAIMED: FlowEvent = { type: 'claimed' }
const EQUIPPED: FlowEvent = { type: 'equipped' }

describe('the way through a sitting', () => {
  it('leads from consent to the end', () => {
    expect(stepOf(FIRST)).toBe('opening')
    expect(after(CLAIMED, told('scheduled'))).toBe('consent')
    expect(after(CLAIMED, told('consented'))).toBe('equipment')
    expect(after(CLAIMED, EQUIPPED, told('checked'))).toBe('photograph')
    expect(after(CLAIMED, EQUIPPED, told('enrolled'))).toBe('ready')
    expect(after(CLAIMED, EQUIPPED, told('running'))).toBe('exam')
    expect(after(CLAIMED, EQUIPPED, told('finished'))).toBe('finished')
  })

  it('goes back to the photograph for another one, until it is taken or left', () => {
    const add: FlowEvent = { type: 'adding', adding: true }
    expect(after(CLAIMED, EQUIPPED, told('enrolled'), add)).toBe('photograph')
    expect(after(CLAIMED, EQUIPPED, told('enrolled'), add, failed(422, 'another_person'))).toBe('photograph')
    expect(after(CLAIMED, EQUIPPED, told('enrolled'), add, told('enrolled'))).toBe('ready')
    expect(after(CLAIMED, EQUIPPED, told('enrolled'), add, { type: 'adding', adding: false })).toBe('ready')
  })

  it('asks for the document after the photograph, until it is read or left to a person', () => {
    const document = (state: 'none' | 'unclear' | 'clear' | 'left', of: SittingState = 'enrolled'): FlowEvent => {
      const steps = { ...sitting(of, of === 'enrolled').steps, identity_document: true }
      return { type: 'told', sitting: { ...sitting(of), steps, document: state } }
    }
    expect(after(CLAIMED, EQUIPPED, document('none', 'checked'))).toBe('document')
    expect(after(CLAIMED, EQUIPPED, document('none'))).toBe('document')
    expect(after(CLAIMED, EQUIPPED, document('unclear'))).toBe('document')
    expect(after(CLAIMED, EQUIPPED, document('clear'))).toBe('ready')
    expect(after(CLAIMED, EQUIPPED, document('left'))).toBe('ready')
    expect(after(CLAIMED, EQUIPPED, document('left'), { type: 'adding', adding: true })).toBe('photograph')
    expect(milestones({ ...sitting('enrolled'), steps: { ...sitting('enrolled').steps, identity_document: true } })).toEqual(
      ['consent', 'equipment', 'photograph', 'document', 'exam', 'done'],
    )
  })

  it('leaves out the photograph where the exam asks for none', () => {
    expect(after(CLAIMED, EQUIPPED, told('checked', false))).toBe('ready')
    expect(milestones(sitting('checked', false))).toEqual(['consent', 'equipment', 'exam', 'done'])
  })

  it('comes back after a reload to where it was, with the devices to be opened again', () => {
    expect(after(CLAIMED, told('checked'))).toBe('equipment')
    expect(after(CLAIMED, told('enrolled'))).toBe('equipment')
    expect(after(CLAIMED, told('running'))).toBe('exam')
  })

  it('checks the equipment again when a device goes before the start, not during the exam', () => {
    expect(after(CLAIMED, EQUIPPED, told('enrolled'), { type: 'device_lost' })).toBe('equipment')
    expect(after(CLAIMED, EQUIPPED, told('running'), { type: 'device_lost' })).toBe('exam')
  })

  it('checks the equipment again when the server does not receive it', () => {
    expect(after(CLAIMED, EQUIPPED, told('enrolled'), failed(409, 'media_not_arriving'))).toBe('equipment')
    expect(after(CLAIMED, EQUIPPED, told('enrolled'), failed(503, 'perception_unavailable'))).toBe('ready')
  })

  it('knows a sitting that is open elsewhere, before and after this tab had it', () => {
    expect(after(failed(409, 'sitting_open_elsewhere'))).toBe('elsewhere')
    expect(after(CLAIMED, told('running'), failed(409, 'sitting_open_elsewhere'))).toBe('taken_over')
    expect(after(CLAIMED, told('running'), { type: 'taken_over' })).toBe('taken_over')
    expect(after(CLAIMED, told('running'), { type: 'taken_over' }, CLAIMED, told('running'))).toBe('exam')
  })

  it('shows a finished or refused sitting without a claim', () => {
    expect(after(told('finished'))).toBe('finished')
    expect(after(told('refused'))).toBe('refused')
  })

  it('says that the server is away only while nothing is known', () => {
    expect(after(failed(0, 'unreachable'))).toBe('unreachable')
    expect(after(CLAIMED, told('consented'), failed(0, 'unreachable'))).toBe('equipment')
  })

  it('forgets a problem when something new is begun', () => {
    const state = [CLAIMED, told('enrolled'), failed(503, 'perception_unavailable')].reduce(advance, FIRST)
    expect(state.problem).not.toBeNull()
    expect(advance(state, { type: 'began', action: 'start' })).toMatchObject({ problem: null, busy: 'start' })
  })

  it('takes news without disturbing what is under way', () => {
    const busy = [CLAIMED, told('running'), { type: 'began', action: 'finish' } as const].reduce(advance, FIRST)
    expect(advance(busy, { type: 'heard', sitting: sitting('running') })).toMatchObject({ busy: 'finish' })
  })

  it('places every page on the way', () => {
    expect(milestoneOf('ready')).toBe('exam')
    expect(milestoneOf('elsewhere')).toBeNull()
  })
})
