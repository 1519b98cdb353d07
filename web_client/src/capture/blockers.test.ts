import { describe, expect, it } from 'vitest'
import { BLOCKERS, blockerOf } from './blockers'
import en from './locales/en.json'

const error = (name: string, message = '') => Object.assign(new Error(message), { name })

describe('blockerOf', () => {
  it.each([
    ['NotAllowedError', '', 'camera_refused'],
    ['NotAllowedError', 'Permission denied by system', 'camera_refused_by_system'],
    ['NotFoundError', '', 'camera_missing'],
    ['NotReadableError', '', 'camera_busy'],
    ['OverconstrainedError', '', 'camera_unsuitable'],
    ['AbortError', '', 'camera_failed'],
  ])('%s %s is %s', (name, message, blocker) => {
    expect(blockerOf('camera', error(name, message))).toBe(blocker)
  })

  it('tells a screen that was asked for without a click', () => {
    expect(blockerOf('screen', error('InvalidStateError'))).toBe('screen_needs_click')
  })
})

it('every blocker has a title and a remedy', () => {
  const words: Readonly<Record<string, { title: string; remedy: string } | undefined>> = en.blocker
  expect(BLOCKERS.filter((blocker) => !words[blocker]?.title || !words[blocker]?.remedy)).toEqual([])
})
