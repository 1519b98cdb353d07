import { describe, expect, it } from 'vitest'
import { clipboardDetail, eventsOfDevice, FocusWatch } from './page_watch'

function setUp(focused = true) {
  const noted: string[] = []
  return { noted, watch: new FocusWatch(focused, (kind) => noted.push(kind)) }
}

describe('FocusWatch', () => {
  it('notes each change once', () => {
    const { noted, watch } = setUp()
    for (const focused of [true, false, false, true, true]) watch.look(focused, false)
    expect(noted).toEqual(['focus_lost', 'focus_gained'])
  })

  it('does not blame the person for a chooser that the page opened', () => {
    const { noted, watch } = setUp()
    watch.look(false, true)
    watch.look(true, false)
    expect(noted).toEqual([])
  })

  it('notes a focus that stays away after the chooser has closed', () => {
    const { noted, watch } = setUp()
    watch.look(false, true)
    watch.look(false, false)
    expect(noted).toEqual(['focus_lost'])
  })
})

it('tells length and place of what was copied, never the text', () => {
  const answer = Object.assign(new EventTarget(), { tagName: 'TEXTAREA' })
  expect(clipboardDetail('paste', 'the secret text', answer)).toEqual({ length: 15, place: 'answer', action: 'paste' })
  expect(JSON.stringify(clipboardDetail('copy', 'the secret text', null))).not.toContain('secret')
})

it('sharing of the screen has events of its own', () => {
  expect(eventsOfDevice({ track: 'screen', change: 'ended' })).toEqual(['screen_share_stopped'])
  expect(eventsOfDevice({ track: 'screen', change: 'opened' })).toEqual(['screen_share_started'])
  expect(eventsOfDevice({ track: 'camera', change: 'ended' })).toEqual(['track_ended'])
  expect(eventsOfDevice({ track: 'microphone', change: 'muted' })).toEqual(['track_muted'])
  expect(eventsOfDevice({ track: 'camera', change: 'opened' })).toEqual([])
})
