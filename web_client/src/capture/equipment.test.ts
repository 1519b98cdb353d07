import { describe, expect, it } from 'vitest'
import { type Blocker, DeviceRefused } from './blockers'
import type { BrowserFacts } from './browser_support'
import type { CheckReport, ReceivedTrack, SittingForCandidate, TrackName } from './contract'
import { EquipmentCheck, type EquipmentParts } from './equipment'
import type { PictureFacts } from './picture_probe'
import type { PublisherState } from './publisher'
import { Store } from './store'

const STEPS = {
  camera: true,
  microphone: true,
  screen: true,
  identity_photograph: true,
  identity_document: false,
  fullscreen: true,
  room_scan_at_start: false,
  challenge_at_start: false,
  gaze_calibration: false,
}
const GOOD_PICTURE: PictureFacts = { width: 640, height: 480, meanLuma: 110, lumaDeviation: 40 }

function arriving(track: TrackName): ReceivedTrack {
  return {
    track,
    codec: track === 'microphone' ? 'opus' : 'vp8',
    packets: 60,
    lost: 0,
    recovered: 0,
    frames: 20,
    bytes: 9000,
    width: null,
    height: null,
    last_frame_age_ms: 30,
    layers_ok: track === 'microphone' ? null : true,
  }
}

function fakeTrack(label: string): MediaStreamTrack {
  return { label, getSettings: () => ({ width: 640, autoGainControl: false }) } as unknown as MediaStreamTrack
}

/** A world in which everything works; a test spoils what it is about. */
function setUp(steps: Partial<typeof STEPS> = {}) {
  const level = new Store({ nowDbfs: -50, peakDbfs: -50 })
  const link = new Store<PublisherState>({ phase: 'connected', leg: 3, tracks: {}, roundTripMs: 12 })
  const world = {
    refused: null as DeviceRefused | null,
    screen: null as Blocker | null,
    picture: GOOD_PICTURE as PictureFacts | null,
    facts: { secure: true, missing: [] } as BrowserFacts,
    received: [arriving('microphone'), arriving('camera'), arriving('screen')],
    started: [] as readonly TrackName[],
    reported: [] as readonly CheckReport[],
    paused: 0,
    onPause: (_paused: number): void => undefined,
  }
  const parts: EquipmentParts = {
    sitting: { steps: { ...STEPS, ...steps } },
    devices: {
      openCameraAndMicrophone: () => (world.refused === null ? Promise.resolve() : Promise.reject(world.refused)),
      openScreen: () =>
        world.screen === null ? Promise.resolve() : Promise.reject(new DeviceRefused('screen', world.screen)),
      track: fakeTrack,
    },
    publisher: {
      state: link,
      start: (tracks) => {
        world.started = tracks
      },
      retryNow: () => undefined,
    },
    api: {
      receivedLeg: () => Promise.resolve({ state: 'connected', tracks: world.received }),
      reportEquipment: (checks) => {
        world.reported = checks
        return Promise.resolve({} as SittingForCandidate)
      },
    },
    examine: () => world.facts,
    probe: () => Promise.resolve(world.picture),
    meter: () => ({ level, close: () => undefined }),
    pause: (milliseconds) => {
      world.paused += milliseconds
      world.onPause(world.paused)
      // Real time must pass a little, or waiting for ever would never end.
      return new Promise((resolve) => setTimeout(resolve, 0))
    },
  }
  const check = new EquipmentCheck(parts)
  const stateOf = (name: CheckReport['check']) => check.states.get()[name]
  return { check, world, level, link, stateOf }
}

describe('EquipmentCheck', () => {
  it('passes when everything works, and reports what was found', async () => {
    const { check, world } = setUp()
    check.checkBrowser()
    await check.checkCameraAndMicrophone()
    await check.checkScreen()
    await check.checkConnection()
    expect(check.allOk).toBe(true)
    expect(world.started).toEqual(['microphone', 'camera', 'screen'])
    await check.report()
    expect(world.reported.map(({ check: name, ok }) => [name, ok])).toEqual(check.needed.map((name) => [name, true]))
    expect(world.reported.find(({ check: name }) => name === 'network')?.detail).toEqual({
      leg: 3,
      loss_percent: 0,
      round_trip_ms: 12,
    })
    check.close()
  })

  it('needs only what the exam asks for', () => {
    const { check } = setUp({ screen: false, microphone: false })
    expect(check.needed).toEqual(['browser', 'camera', 'network', 'codec'])
  })

  it('names a refused camera and leaves the microphone for the next try', async () => {
    const { check, world, stateOf } = setUp()
    world.refused = new DeviceRefused('camera', 'camera_refused')
    await check.checkCameraAndMicrophone()
    expect(stateOf('camera')).toMatchObject({ state: 'blocked', blocker: 'camera_refused' })
    expect(stateOf('microphone').state).toBe('waiting')
  })

  it('checks the camera even where the microphone is missing', async () => {
    const { check, world, stateOf } = setUp()
    world.refused = new DeviceRefused('microphone', 'microphone_missing')
    await check.checkCameraAndMicrophone()
    expect(stateOf('camera').state).toBe('ok')
    expect(stateOf('microphone').blocker).toBe('microphone_missing')
  })

  it.each([
    [null, 'camera_failed'],
    [{ ...GOOD_PICTURE, meanLuma: 3, lumaDeviation: 1 }, 'camera_black'],
    [{ ...GOOD_PICTURE, width: 160 }, 'camera_too_small'],
  ] as const)('looks at the pictures, not only at the device', async (picture, blocker) => {
    const { check, world, stateOf } = setUp({ microphone: false })
    world.picture = picture
    await check.checkCameraAndMicrophone()
    expect(stateOf('camera')).toMatchObject({ state: 'blocked', blocker })
  })

  it('takes complete silence for a blocker, until the first sound', async () => {
    const { check, level, stateOf } = setUp({ camera: false })
    level.set({ nowDbfs: -100, peakDbfs: -100 })
    await check.checkCameraAndMicrophone()
    expect(stateOf('microphone').blocker).toBe('microphone_silent')
    level.set({ nowDbfs: -40, peakDbfs: -40 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(stateOf('microphone').state).toBe('ok')
    check.close()
  })

  it('says why no connection came about', async () => {
    const { check, link, stateOf } = setUp()
    link.set({ phase: 'reconnecting', fault: 'udp_blocked', tracks: {} })
    await check.checkConnection()
    expect(stateOf('network').blocker).toBe('udp_blocked')
    link.set({ phase: 'refused', fault: 'server_refused', code: 'bad_sdp', tracks: {} })
    await check.checkConnection()
    expect(stateOf('network')).toMatchObject({ blocker: 'server_refused', code: 'bad_sdp' })
  })

  it('believes the server about what arrives, and waits for it', async () => {
    const { check, world, stateOf } = setUp()
    const all = world.received
    world.received = all.slice(0, 2)
    world.onPause = (paused) => {
      if (paused > 3_000) world.received = all
    }
    await check.checkConnection()
    expect(stateOf('network').state).toBe('ok')
    world.onPause = () => undefined
    world.received = all.slice(0, 2)
    await check.checkConnection()
    expect(stateOf('network')).toMatchObject({ blocker: 'media_not_arriving', detail: { missing: 'screen' } })
  })

  it('refuses a window, and forgets what a lost device had passed', async () => {
    const { check, world, stateOf } = setUp()
    world.screen = 'screen_is_window'
    await check.checkScreen()
    expect(stateOf('screen').blocker).toBe('screen_is_window')
    world.screen = null
    await check.checkScreen()
    await check.checkConnection()
    check.deviceLost('screen')
    expect([stateOf('screen').state, stateOf('network').state]).toEqual(['waiting', 'waiting'])
  })

  it.each([
    [{ secure: false, missing: [] }, 'insecure_context'],
    [{ secure: true, missing: ['screen_sharing'] }, 'browser_too_old'],
    [{ secure: true, missing: ['vp8'] }, 'codec_missing'],
  ] as const)('names what the browser lacks', (facts, blocker) => {
    const { check, world, stateOf } = setUp()
    world.facts = facts
    check.checkBrowser()
    expect(stateOf('browser').blocker).toBe(blocker)
  })
})
