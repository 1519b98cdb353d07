import { describe, expect, it } from 'vitest'
import { type ExamConditions, interruptionsOf, wordsOf } from './interruptions'
import { recordedMs, sendingOf } from './sending'

const GOOD: ExamConditions = {
  wanted: ['microphone', 'camera', 'screen'],
  devices: { camera: 'live', microphone: 'live', screen: 'live' },
  publisher: { phase: 'connected', tracks: {} },
  control: 'open',
  recorded: null,
  loggedOut: false,
  fullscreenLeft: false,
}

describe('interruptionsOf', () => {
  it('says nothing when all is well', () => {
    expect(interruptionsOf(GOOD)).toEqual([])
  })

  it('puts what the person can cure before what heals by itself', () => {
    const found = interruptionsOf({
      ...GOOD,
      devices: { camera: 'muted', microphone: 'live', screen: 'ended' },
      publisher: { phase: 'reconnecting', tracks: {} },
      fullscreenLeft: true,
    })
    expect(found).toEqual(['screen', 'muted_camera', 'offline', 'fullscreen'])
  })

  it('does not ask for what the exam does not want', () => {
    const devices = { ...GOOD.devices, screen: 'off' as const }
    expect(interruptionsOf({ ...GOOD, wanted: ['camera', 'microphone'], devices })).toEqual([])
  })

  it('does not promise that an ended log-in heals by itself', () => {
    expect(interruptionsOf({ ...GOOD, control: 'connecting', loggedOut: true })).toEqual(['logged_out'])
    expect(interruptionsOf({ ...GOOD, control: 'open', loggedOut: true })).toEqual([])
  })

  it('tells that the server cannot record', () => {
    const failed = {
      track: 'camera' as const,
      receiving: true,
      last_frame_age_ms: 10,
      recorded_ms: 5,
      failed: 'disk full',
    }
    expect(interruptionsOf({ ...GOOD, recorded: [failed] })).toEqual(['recording'])
  })
})

describe('wordsOf', () => {
  it('says that the time goes on only where it does', () => {
    expect(wordsOf('screen', false)).toEqual(['interruption.screen_text', 'guided.time_runs'])
    expect(wordsOf('screen', true)).toEqual(['interruption.screen_text', 'interruption.time_waits'])
  })

  it('has words of its own for what is not about one device', () => {
    expect(wordsOf('muted_microphone', true)).toEqual(['interruption.muted_text'])
    expect(wordsOf('offline', true)).toEqual(['interruption.offline_text'])
  })
})

describe('sendingOf', () => {
  const recorded = {
    track: 'screen' as const,
    receiving: true,
    last_frame_age_ms: 900,
    recorded_ms: 4000,
    failed: null,
  }

  it('believes the recorder more than the counters', () => {
    expect(sendingOf('screen', 'live', GOOD.publisher, [recorded])).toBe('on')
    expect(sendingOf('screen', 'live', GOOD.publisher, [{ ...recorded, receiving: false }])).toBe('waiting')
    expect(sendingOf('screen', 'live', GOOD.publisher, null)).toBe('waiting')
  })

  it('knows a device that is gone', () => {
    expect(sendingOf('screen', 'ended', GOOD.publisher, [recorded])).toBe('off')
  })

  it('takes the longest track for the recording', () => {
    expect(recordedMs([recorded, { ...recorded, track: 'camera', recorded_ms: 5000 }])).toBe(5000)
    expect(recordedMs(null)).toBeNull()
  })
})
