import { describe, expect, it } from 'vitest'
import { type Hint, pace, type Paced, SILENT } from './hint_pacer'

function paced(...steps: readonly (readonly [number, readonly Hint[]])[]): Paced {
  return steps.reduce((state, [nowMs, hints]) => pace(state, hints, nowMs), SILENT)
}

describe('pace', () => {
  it('shows and says the most pressing hint', () => {
    expect(paced([0, ['slower', 'keep_turning']])).toMatchObject({ hint: 'slower', said: { hint: 'slower', count: 1 } })
  })

  it('keeps a hint long enough to be read', () => {
    const steps = [
      [0, ['slower']],
      [400, ['too_dark']],
    ] as const
    expect(paced(...steps).hint).toBe('slower')
    expect(paced(...steps, [1_300, ['too_dark']])).toMatchObject({ hint: 'too_dark', said: { count: 2 } })
  })

  it('does not repeat itself, except after a while', () => {
    const steps = [
      [0, ['slower']],
      [2_000, ['slower']],
      [7_000, ['slower']],
    ] as const
    expect(paced(...steps).said?.count).toBe(1)
    expect(paced(...steps, [8_000, ['slower']]).said?.count).toBe(2)
  })

  it('says rarely that all goes well', () => {
    const steps = [
      [0, ['keep_turning']],
      [9_000, ['keep_turning']],
      [12_000, ['slower']],
      [14_000, ['keep_turning']],
    ] as const
    expect(paced(...steps)).toMatchObject({ hint: 'keep_turning', said: { hint: 'slower', count: 2 } })
  })

  it('tells the end at once, and once', () => {
    const steps = [
      [0, ['keep_turning']],
      [100, ['complete']],
      [60_000, ['complete']],
    ] as const
    expect(paced(...steps)).toMatchObject({ hint: 'complete', said: { hint: 'complete', count: 2 } })
  })

  it('changes nothing when there is no hint', () => {
    const state = paced([0, ['slower']])
    expect(pace(state, [], 5_000)).toBe(state)
  })
})
