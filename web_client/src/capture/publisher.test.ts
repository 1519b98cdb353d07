import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProblemError, readProblem } from '@/api/problem'
import type { MediaPolicy } from './contract'
import { LegFailed, type LegPlan, type OpenLeg } from './leg'
import { pauseBefore, Publisher } from './publisher'

const POLICY = { camera_kbps: 400 } as MediaPolicy

class FakeLeg implements OpenLeg {
  readonly number: number
  readonly trackOfMid = new Map()
  alive = true
  closed = false
  returned = 0
  silent = false
  readonly sent: string[] = []

  constructor(number: number) {
    this.number = number
  }

  async send(track: string, source: MediaStreamTrack | null): Promise<void> {
    this.sent.push(`${track}:${source === null ? 'nothing' : source.id}`)
  }

  async statistics(): Promise<RTCStatsReport> {
    if (!this.silent) this.returned += 100
    const pair = { type: 'candidate-pair', bytesReceived: this.returned }
    return new Map([['pair', pair]]) as unknown as RTCStatsReport
  }

  close(): void {
    this.closed = true
  }
}

function setUp(outcomes: readonly (FakeLeg | Error)[]) {
  const plans: LegPlan[] = []
  const events = new EventTarget()
  const publisher = new Publisher({
    api: { openLeg: () => Promise.reject(new Error('not used')) },
    policy: POLICY,
    iceServers: [],
    events,
    now: () => Date.now(),
    open: (plan) => {
      const outcome = outcomes[plans.length] ?? new Error('no more outcomes')
      plans.push(plan)
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome)
    },
  })
  return { publisher, plans, events }
}

const track = (id: string) => ({ id }) as MediaStreamTrack

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('Publisher', () => {
  it('connects and replaces a source without a new connection', async () => {
    const leg = new FakeLeg(1)
    const { publisher, plans } = setUp([leg])
    await publisher.setSource('camera', track('first'))
    publisher.start(['camera'])
    await vi.advanceTimersByTimeAsync(10)
    expect(publisher.state.get()).toMatchObject({ phase: 'connected', leg: 1 })
    await publisher.setSource('camera', track('second'))
    await publisher.setSource('camera', undefined)
    expect(leg.sent).toEqual(['camera:first', 'camera:second', 'camera:nothing'])
    expect(plans).toHaveLength(1)
    publisher.stop()
    expect(leg.closed).toBe(true)
  })

  it('makes a new leg when nothing comes back, and closes the old one only after', async () => {
    const [first, second] = [new FakeLeg(1), new FakeLeg(2)]
    const { publisher } = setUp([first, second])
    const closedWhen: string[] = []
    publisher.state.subscribe(() => closedWhen.push(`${publisher.state.get().phase} old closed: ${first.closed}`))
    publisher.start(['camera'])
    await vi.advanceTimersByTimeAsync(3_000)
    first.silent = true
    await vi.advanceTimersByTimeAsync(5_000)
    expect(publisher.state.get()).toMatchObject({ phase: 'connected', leg: 2 })
    expect(closedWhen).toContain('reconnecting old closed: false')
    expect(first.closed).toBe(true)
    publisher.stop()
  })

  it('tries again with growing pauses, and at once when the network is back', async () => {
    const unreachable = new ProblemError(readProblem(0, { code: 'unreachable' }))
    const leg = new FakeLeg(7)
    const { publisher, plans, events } = setUp([unreachable, new LegFailed('no_path'), unreachable, unreachable, leg])
    publisher.start(['camera'])
    await vi.advanceTimersByTimeAsync(0)
    expect(publisher.state.get().fault).toBe('server_unreachable')
    await vi.advanceTimersByTimeAsync(500)
    expect(publisher.state.get().fault).toBe('udp_blocked')
    await vi.advanceTimersByTimeAsync(3_000)
    expect(plans).toHaveLength(4)
    events.dispatchEvent(new Event('online'))
    await vi.advanceTimersByTimeAsync(0)
    expect(publisher.state.get()).toMatchObject({ phase: 'connected', leg: 7 })
    publisher.stop()
  })

  it('stops trying when the sitting is open elsewhere', async () => {
    const { publisher, plans } = setUp([new ProblemError(readProblem(409, { code: 'sitting_open_elsewhere' }))])
    publisher.start(['camera'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(plans).toHaveLength(1)
    expect(publisher.state.get()).toMatchObject({ phase: 'refused', code: 'sitting_open_elsewhere' })
  })

  it('closes a connection that was made after it was stopped', async () => {
    const leg = new FakeLeg(1)
    const { publisher } = setUp([leg])
    publisher.start(['camera'])
    publisher.stop()
    await vi.advanceTimersByTimeAsync(10)
    expect(leg.closed).toBe(true)
    expect(publisher.state.get().phase).toBe('idle')
  })
})

it('pauses double from half a second up to eight', () => {
  expect([1, 2, 3, 4, 5, 6, 20].map(pauseBefore)).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000])
})
