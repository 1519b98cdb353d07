import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProblemError, readProblem } from '@/api/problem'
import type { LegPlan, OpenLeg } from '@/capture/leg'
import { MemoryStorage } from '@/capture/testing/memory_storage'
import type { PhoneApi, PhoneDoor, PhoneStatus } from './api'
import { type KeptPass, passOf } from './kept_pass'
import { PhoneCamera, type PhoneCameraParts } from './phone_camera'

const SECRET = 's'.repeat(43)
const KEY = 'k'.repeat(43)
const TITLE = { kk: 'Алгебра', ru: 'Алгебра', en: 'Algebra' }
const DOOR = {
  exam_title: TITLE,
  media: { camera_width_px: 640, camera_height_px: 480, camera_fps: 15, camera_kbps: 400 },
  ice_servers: [],
} as unknown as PhoneDoor
const IDLE: PhoneStatus = { receiving: true, check: null, progress: null }

class FakeTrack extends EventTarget {
  contentHint = ''
  stopped = false
  stop(): void {
    this.stopped = true
  }
}

class FakeLeg implements OpenLeg {
  readonly number = 2
  readonly trackOfMid = new Map()
  alive = true
  closed = false
  send(): Promise<void> {
    return Promise.resolve()
  }
  statistics(): Promise<RTCStatsReport> {
    return Promise.resolve(new Map() as unknown as RTCStatsReport)
  }
  close(): void {
    this.closed = true
  }
}

function refusal(status: number): ProblemError {
  return new ProblemError(readProblem(status, { code: 'phone_not_invited' }))
}

function running(hints: readonly string[]): PhoneStatus {
  const check = { check_id: 'c', check: 'room_scan', state: 'begun', track: 'phone', outcome: null }
  return { receiving: true, check, progress: { check_id: 'c', coverage_deg: 90, hints } } as unknown as PhoneStatus
}

interface World {
  readonly camera: PhoneCamera
  readonly track: FakeTrack
  readonly leg: FakeLeg
  readonly storage: MemoryStorage
  readonly shown: unknown[]
  readonly api: { -readonly [Name in keyof PhoneApi]: PhoneApi[Name] }
  readonly asked: MediaStreamConstraints[]
  awake: boolean
}

function setUp(parts: { pass?: KeptPass | null; media?: PhoneCameraParts['media'] | null } = {}): World {
  const storage = new MemoryStorage()
  const leg = new FakeLeg()
  const track = new FakeTrack()
  const shown: unknown[] = []
  const asked: MediaStreamConstraints[] = []
  const api: World['api'] = {
    look: (pass) => {
      shown.push(pass)
      return Promise.resolve(DOOR)
    },
    openLeg: (pass) => {
      shown.push(pass)
      return Promise.resolve({ leg: 2, answer_sdp: '', phone_key: KEY })
    },
    status: () => Promise.resolve(IDLE),
    leave: (key) => {
      shown.push({ left: key })
      return Promise.resolve()
    },
  }
  const media = {
    getUserMedia: (constraints?: MediaStreamConstraints) => {
      asked.push(constraints ?? {})
      return Promise.resolve({ getVideoTracks: () => [track] } as unknown as MediaStream)
    },
  }
  const world: World = { storage, leg, track, shown, api, asked, awake: false, camera: undefined as never }
  const open = async (plan: LegPlan, signal: AbortSignal): Promise<OpenLeg> => {
    await plan.exchange('offer', [{ mid: '0', track: 'camera' }], signal)
    return leg
  }
  const camera = new PhoneCamera({
    api: {
      look: (pass) => api.look(pass),
      openLeg: (...all) => api.openLeg(...all),
      status: (key) => api.status(key),
      leave: (key) => api.leave(key),
    },
    pass: parts.pass === undefined ? { secret: SECRET, key: null } : parts.pass,
    storage,
    media: parts.media === null ? undefined : (parts.media ?? media),
    events: new EventTarget(),
    awake: () => {
      world.awake = true
      return () => {
        world.awake = false
      }
    },
    open,
    now: () => Date.now(),
  })
  return Object.assign(world, { camera })
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

async function passed(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

describe('a telephone as a second camera', () => {
  it('says that it needs a code', () => {
    expect(setUp({ pass: null }).camera.state.get().stage).toBe('uninvited')
  })

  it('tells the exam before anything is sent', async () => {
    const { camera, shown, asked } = setUp()
    await camera.look()
    expect(camera.state.get()).toMatchObject({ stage: 'ready', door: DOOR, blocker: null })
    expect(shown).toEqual([{ secret: SECRET }])
    expect(asked).toEqual([])
  })

  it('says that the code is of no use, and forgets it', async () => {
    const { camera, api, storage } = setUp()
    api.look = () => Promise.reject(refusal(404))
    await camera.look()
    expect(camera.state.get().stage).toBe('refused')
    expect(passOf('', storage)).toBeNull()
  })

  it('keeps the code when the server is away, and asks again', async () => {
    const world = setUp()
    const { look } = world.api
    world.api.look = () => Promise.reject(new TypeError('fetch failed'))
    await world.camera.look()
    expect(world.camera.state.get()).toMatchObject({ stage: 'looking', problem: expect.any(TypeError) })
    world.api.look = look
    await world.camera.look()
    expect(world.camera.state.get().stage).toBe('ready')
  })

  it('says what to do where the browser gives no camera', async () => {
    const { camera } = setUp({ media: null })
    await camera.look()
    expect(camera.state.get().blocker).toBe('insecure_context')
    await camera.start()
    expect(camera.state.get().stage).toBe('ready')
  })

  it('asks for the rear camera, without sound, and sends it', async () => {
    const world = setUp()
    await world.camera.look()
    await world.camera.start()
    await passed(600)
    expect(world.asked).toMatchObject([{ audio: false, video: { facingMode: { ideal: 'environment' } } }])
    expect(world.camera.state.get()).toMatchObject({ stage: 'sending', connected: true, status: IDLE })
    expect(world.awake).toBe(true)
    expect(passOf('', world.storage)).toEqual({ secret: SECRET, key: KEY })
  })

  it('names what keeps the camera away', async () => {
    const refused = { getUserMedia: () => Promise.reject(Object.assign(new Error('no'), { name: 'NotAllowedError' })) }
    const { camera } = setUp({ media: refused })
    await camera.look()
    await camera.start()
    expect(camera.state.get()).toMatchObject({ stage: 'ready', blocker: 'camera_refused' })
  })

  it('comes back by its key', async () => {
    const { camera, shown } = setUp({ pass: { secret: SECRET, key: KEY } })
    await camera.look()
    await camera.start()
    await passed(10)
    expect(shown).toEqual([{ phone_key: KEY }, { phone_key: KEY }])
  })

  it('gives the camera back when it is stopped, and may start again', async () => {
    const world = setUp()
    await world.camera.look()
    await world.camera.start()
    await passed(10)
    await world.camera.stop()
    expect(world.track.stopped).toBe(true)
    expect(world.leg.closed).toBe(true)
    expect(world.awake).toBe(false)
    expect(world.shown.at(-1)).toEqual({ left: KEY })
    expect(world.camera.state.get()).toMatchObject({ stage: 'ready', track: undefined })
  })

  it('tells hints at the pace of reading while the room is recorded with it', async () => {
    const world = setUp()
    await world.camera.look()
    world.api.status = () => Promise.resolve(running(['slower']))
    await world.camera.start()
    await passed(1_100)
    expect(world.camera.state.get().paced).toMatchObject({ hint: 'slower', said: { count: 1 } })
    await passed(9_000)
    expect(world.camera.state.get().paced).toMatchObject({ said: { count: 2 } })
  })

  it('ends when it is not wanted any more', async () => {
    const world = setUp()
    await world.camera.look()
    await world.camera.start()
    await passed(10)
    world.api.status = () => Promise.reject(refusal(404))
    await passed(2_100)
    expect(world.camera.state.get()).toMatchObject({ stage: 'over', track: undefined })
    expect(world.track.stopped).toBe(true)
    expect(passOf('', world.storage)).toBeNull()
  })

  it('says so when the camera is taken away', async () => {
    const world = setUp()
    await world.camera.look()
    await world.camera.start()
    await passed(10)
    world.track.dispatchEvent(new Event('ended'))
    await passed(10)
    expect(world.camera.state.get()).toMatchObject({ stage: 'ready', blocker: 'camera_failed' })
  })
})
