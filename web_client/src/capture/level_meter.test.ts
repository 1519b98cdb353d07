import { describe, expect, it } from 'vitest'
import { levelDbfs, meterPosition } from './level_meter'

describe('levelDbfs', () => {
  it('is 0 at an RMS of 1 and -6 at half of it', () => {
    expect(levelDbfs(new Float32Array(64).fill(1))).toBeCloseTo(0, 6)
    expect(levelDbfs(new Float32Array(64).fill(-0.5))).toBeCloseTo(-6.02, 2)
  })

  it('is -100 for digital silence', () => {
    expect(levelDbfs(new Float32Array(64))).toBe(-100)
    expect(levelDbfs(new Float32Array(0))).toBe(-100)
  })
})

it('the meter goes from -60 dBFS to full scale', () => {
  expect([-100, -60, -30, 0, 3].map(meterPosition)).toEqual([0, 0, 0.5, 1, 1])
})
