import { describe, expect, it } from 'vitest'
import type { MetOnTheWay } from '@/api/types'
import { arcPath, gazeOf, metIn, pointAt, roomOf, tasksOf } from './check'
import { sampleCheck, sampleGaze, sampleRoom } from './samples'

function thing(label: string, yaw_deg: number | null): MetOnTheWay {
  return { label, yaw_deg, score: 1, at_ms: 0 }
}

describe('what a check found', () => {
  it('is of the kind of the check, or nothing', () => {
    const room = sampleCheck({ result: sampleRoom() })
    const challenge = sampleCheck({ check: 'challenge', result: { check: 'challenge', tasks: [], model: 'm' } })
    expect([roomOf(room)?.coverage_deg, tasksOf(room)]).toEqual([214, null])
    expect([roomOf(challenge), tasksOf(challenge)]).toEqual([null, []])
    const gaze = sampleCheck({ check: 'gaze_calibration', result: sampleGaze() })
    expect([gazeOf(gaze)?.left_deg, roomOf(gaze), gazeOf(room)]).toEqual([12.5, null, null])
    expect([roomOf(sampleCheck()), tasksOf(sampleCheck())]).toEqual([null, null])
  })

  it('lists people before things, each in the order of the turn', () => {
    const found = sampleRoom({
      people: [thing('person', null), thing('person', 300), thing('person', 20)],
      objects: [thing('book', 5)],
    })
    expect(metIn(found).map(({ label, yaw_deg }) => `${label} ${yaw_deg}`)).toEqual([
      'person 20',
      'person 300',
      'person null',
      'book 5',
    ])
  })
})

describe('the circle', () => {
  it('has its first direction on top and turns to the right', () => {
    expect(pointAt(0, 10)).toEqual({ x: 0, y: -10 })
    expect(pointAt(90, 10).x).toBeCloseTo(10)
    expect(pointAt(180, 10).y).toBeCloseTo(10)
  })

  it.each([
    [0, 90, [10, 0]],
    [350, 10, [1.74, -9.85]],
    [0, 0, [0, -10]],
  ])('goes from %i to %i', (from, to, [x, y]) => {
    const end = arcPath(from, to, 10).split(' ').slice(-2).map(Number)
    expect(end[0]).toBeCloseTo(x ?? Number.NaN)
    expect(end[1]).toBeCloseTo(y ?? Number.NaN)
  })
})
