import { expect, it } from 'vitest'
import type { Signal } from '@/api/types'
import { groupSignals } from './signal-groups'

const signal = (kind: Signal['kind'], start_ms: number, detector = `${kind}@1`) =>
  ({ signal_id: `${kind}${start_ms}`, kind, start_ms, detector }) as unknown as Signal

it('puts the times of one rule together, in order of the first', () => {
  const groups = groupSignals([
    signal('speech', 9_000),
    signal('noise', 4_000),
    signal('speech', 1_000),
    signal('speech', 12_000),
  ])
  expect(groups.map((group) => [group.first.signal_id, group.again.map((each) => each.start_ms)])).toEqual([
    ['speech1000', [9_000, 12_000]],
    ['noise4000', []],
  ])
})

it('keeps versions of a rule apart', () => {
  expect(groupSignals([signal('speech', 1, 'speech@1'), signal('speech', 2, 'speech@2')])).toHaveLength(2)
})
