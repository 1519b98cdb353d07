import { describe, expect, it } from 'vitest'
import type { CaptureDevices, DeviceChange, DeviceStates } from './capture_devices'
import type { ClientEventKind, Detail } from './contract'
import { clipboardDetail, eventsOfDevice, FocusWatch, watchDevices } from './page_watch'
import { Store } from './store'

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

function watching(microphone: DeviceStates['microphone'], settings: MediaTrackSettings, camera?: { label: string }) {
  const noted: [ClientEventKind, Detail | undefined][] = []
  const listeners: ((change: DeviceChange) => void)[] = []
  const track = { label: 'desk', getSettings: () => settings }
  const devices = {
    states: new Store<DeviceStates>({ camera: 'live', microphone, screen: 'live' }),
    track: (name: string) => (name === 'microphone' ? track : camera),
    onChange: (listener: (change: DeviceChange) => void) => {
      listeners.push(listener)
      return () => undefined
    },
  }
  const end = new AbortController()
  watchDevices(
    {
      window: { navigator: { mediaDevices: new EventTarget() } } as unknown as Window,
      devices: devices as unknown as CaptureDevices,
      record: (kind, detail) => noted.push([kind, detail]),
    },
    end.signal,
  )
  return { noted, change: (change: DeviceChange) => listeners.forEach((listener) => { listener(change) }) }
}

describe('the microphone in the exam', () => {
  it('is told with what the browser really does to its sound', () => {
    const { noted } = watching('live', { autoGainControl: true, noiseSuppression: false, sampleRate: 48_000 })
    expect(noted).toEqual([
      ['devices_changed', { track: 'microphone', autoGainControl: true, noiseSuppression: false }],
    ])
  })

  it('is told again when it is opened anew, and says nothing of the camera', () => {
    const { noted, change } = watching('live', { autoGainControl: false })
    change({ track: 'camera', change: 'opened' })
    change({ track: 'microphone', change: 'opened' })
    expect(noted.map(([kind]) => kind)).toEqual(['devices_changed', 'devices_changed'])
  })

  it('is told as muted when it was so before the exam began', () => {
    expect(watching('muted', {}).noted.map(([kind]) => kind)).toEqual(['devices_changed', 'track_muted'])
  })
})

describe('the camera in the exam', () => {
  it('is told by its name, at the start and whenever another one is opened', () => {
    const camera = { label: 'HD Webcam' }
    const { noted, change } = watching('live', {}, camera)
    camera.label = 'OBS Virtual Camera'
    change({ track: 'camera', change: 'muted' })
    change({ track: 'camera', change: 'opened' })
    const named = noted.filter(([, detail]) => detail?.['track'] === 'camera' && 'label' in detail)
    expect(named.map(([kind, detail]) => [kind, detail?.['label']])).toEqual([
      ['devices_changed', 'HD Webcam'],
      ['devices_changed', 'OBS Virtual Camera'],
    ])
  })

  it('is told by a name that is no longer than the server takes', () => {
    const { noted } = watching('live', {}, { label: 'x'.repeat(5000) })
    expect(String(noted[0]?.[1]?.['label']).length).toBeLessThanOrEqual(300)
  })
})
