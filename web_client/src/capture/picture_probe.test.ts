import { describe, expect, it } from 'vitest'
import { isBlack, lumaOf } from './picture_probe'

const grey = (...levels: readonly number[]) =>
  new Uint8ClampedArray(levels.flatMap((level) => [level, level, level, 255]))

describe('lumaOf', () => {
  it('tells mean and deviation', () => {
    const { mean, deviation } = lumaOf(grey(0, 200))
    expect(mean).toBeCloseTo(100)
    expect(deviation).toBeCloseTo(100)
  })

  it('weighs green most', () => {
    expect(lumaOf(new Uint8ClampedArray([0, 255, 0, 255])).mean).toBeCloseTo(149.7, 1)
  })
})

describe('isBlack', () => {
  it('is a dark picture without structure, not a dim room', () => {
    expect(isBlack({ meanLuma: 9, lumaDeviation: 1 })).toBe(true)
    expect(isBlack({ meanLuma: 12, lumaDeviation: 9 })).toBe(false)
    expect(isBlack({ meanLuma: 40, lumaDeviation: 1 })).toBe(false)
  })
})
