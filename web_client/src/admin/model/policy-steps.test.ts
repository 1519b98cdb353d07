import { describe, expect, it } from 'vitest'
import { demandsStep, withStep } from './policy-steps'

const STEP = 'room_scan_at_start'

describe('a step of a policy as it is written', () => {
  it.each([
    ['nothing', '', '[steps]\nroom_scan_at_start = true\n'],
    ['other tables', 'name = "A"\n', 'name = "A"\n\n[steps]\nroom_scan_at_start = true\n'],
    ['its table', '[steps]\ncamera = true\n', '[steps]\nroom_scan_at_start = true\ncamera = true\n'],
    [
      'itself',
      '[steps]\nroom_scan_at_start = false # not yet\n',
      '[steps]\nroom_scan_at_start = true # not yet\n',
    ],
    ['dotted keys', 'steps.camera = true\n[media]\n', 'steps.camera = true\nsteps.room_scan_at_start = true\n[media]\n'],
    ['its dotted key', 'steps.room_scan_at_start = false', 'steps.room_scan_at_start = true'],
    ['an inline table', 'steps = { camera = true }', 'steps = { room_scan_at_start = true, camera = true }'],
    ['an empty inline table', 'steps = {}', 'steps = { room_scan_at_start = true }'],
  ])('is demanded where there is %s', (_, before, after) => {
    expect(demandsStep(before, STEP)).toBe(false)
    expect(withStep(before, STEP, true)).toBe(after)
    expect(demandsStep(after, STEP)).toBe(true)
    expect(demandsStep(withStep(after, STEP, false), STEP)).toBe(false)
  })

  it('does not take a remark or another table for it', () => {
    expect(demandsStep('[steps]\n# room_scan_at_start = true\n', STEP)).toBe(false)
    expect(demandsStep('[media]\nroom_scan_at_start = true\n', STEP)).toBe(false)
  })
})
