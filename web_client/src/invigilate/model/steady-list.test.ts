import { describe, expect, it } from 'vitest'
import { SteadyList } from './steady-list'

interface Thing {
  readonly id: string
  readonly rank: number
}

const ordering = {
  key: (thing: Thing) => thing.id,
  section: (thing: Thing) => (thing.rank < 10 ? 'first' : 'later'),
  compare: (a: Thing, b: Thing) => a.rank - b.rank,
}
const start = () =>
  SteadyList.empty<Thing>(ordering).replaceAll([
    { id: 'c', rank: 30 },
    { id: 'a', rank: 1 },
    { id: 'b', rank: 20 },
  ])
const order = (list: SteadyList<Thing>) => list.rows.map((row) => row.key).join('')

describe('SteadyList', () => {
  it('is in order while nobody holds it', () => {
    expect(order(start())).toBe('abc')
    expect(order(start().put({ id: 'c', rank: 0 }))).toBe('cab')
  })

  it('renews rows in place while held, and counts those that wait to move', () => {
    const held = start().hold().put({ id: 'c', rank: 0 })
    expect(order(held)).toBe('abc')
    expect(held.get('c')?.rank).toBe(0)
    expect(held.pending).toBe(3)
    expect(order(held.release())).toBe('cab')
    expect(held.release().pending).toBe(0)
  })

  it('keeps a row under its old section until it moves', () => {
    const held = start().hold().put({ id: 'b', rank: 2 })
    expect(order(held)).toBe('abc')
    expect(held.rows[1]?.section).toBe('later')
    expect(held.pending).toBe(1)
    expect(held.settle().rows[1]?.section).toBe('first')
    expect(held.settle().held).toBe(true)
  })

  it('appends what is new and keeps what is gone while held', () => {
    const held = start().hold().put({ id: 'n', rank: 0 }).drop('a')
    expect(order(held)).toBe('abcn')
    expect(order(held.replaceAll([{ id: 'b', rank: 20 }]))).toBe('abcn')
    expect(order(held.release().drop('a'))).toBe('nbc')
  })
})
