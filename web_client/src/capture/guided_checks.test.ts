import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProblemError, readProblem } from '@/api/problem'
import type { CheckTrack, CheckView, PhoneInvitation, SittingForCandidate } from './contract'
import { GuidedChecks } from './guided_checks'

const ASKED_AT = '2026-03-02T08:00:00Z'
const INVITATION: PhoneInvitation = {
  url: 'https://exam.example/phone#secret',
  svg: '<svg/>',
  expires_at: '2026-03-02T08:10:00Z',
  obstacle: null,
}

function view(fields: Partial<CheckView> = {}): CheckView {
  return { check_id: 'one', check: 'room_scan', state: 'asked', asked_at: ASKED_AT, ...fields } as CheckView
}

function sitting(fields: Partial<SittingForCandidate> = {}): SittingForCandidate {
  return {
    check: null,
    opening: false,
    phone: { state: 'none' },
    server_now: '2026-03-02T08:00:10Z',
    ...fields,
  } as SittingForCandidate
}

/** A server that does what it is told; a test spoils what it is about. */
function setUp() {
  const heard: SittingForCandidate[] = []
  const called: (readonly [string, string?, CheckTrack?])[] = []
  const world = { refuses: false, busyFor: 0, sitting: sitting() }
  const answer = (call: readonly [string, string?, CheckTrack?], check: CheckView) => {
    called.push(call)
    if (world.busyFor > 0) {
      world.busyFor -= 1
      return Promise.reject(new ProblemError(readProblem(409, { code: 'check_open' })))
    }
    return world.refuses
      ? Promise.reject(new ProblemError(readProblem(409, { code: 'check_ended' })))
      : Promise.resolve(check)
  }
  const checks: GuidedChecks = new GuidedChecks({
    api: {
      read: () => {
        called.push(['read'])
        return Promise.resolve(world.sitting)
      },
      beginCheck: (id, track) => answer(['begin', id, track], { ...checks.state.get().open, state: 'begun', track } as CheckView),
      stopCheck: (id) => answer(['stop', id], { ...checks.state.get().open } as CheckView),
      declineCheck: (id) => answer(['decline', id], view({ state: 'ended', outcome: 'declined' })),
      invitePhone: () => Promise.resolve(INVITATION),
      sendPhoneAway: () => Promise.resolve(),
    },
    onSitting: (news) => {
      heard.push(news)
      checks.look(news)
    },
    now: () => 0,
  })
  return { checks, called, heard, world }
}

describe('GuidedChecks', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('begins a room scan at once, with the chosen camera', async () => {
    const { checks, called } = setUp()
    checks.look(sitting({ check: view() }))
    checks.choose('phone')
    await checks.begin()
    expect(called).toEqual([['begin', 'one', 'phone']])
    expect(checks.state.get()).toMatchObject({ open: { state: 'begun' }, busy: null })
  })

  it('begins a challenge with the camera after three seconds', async () => {
    const { checks, called } = setUp()
    checks.choose('phone')
    checks.hear({ type: 'check', check: view({ check: 'challenge' }) })
    await checks.begin()
    expect(checks.state.get().countdown).toBe(3)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(checks.state.get().countdown).toBe(1)
    expect(called).toEqual([])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(called).toEqual([['begin', 'one', 'camera']])
  })

  it('does not begin what was withdrawn during the countdown', async () => {
    const { checks, called } = setUp()
    checks.hear({ type: 'check', check: view({ check: 'challenge' }) })
    await checks.begin()
    checks.hear({ type: 'check', check: view({ check: 'challenge', state: 'ended', outcome: 'withdrawn' }) })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(called).toEqual([])
    expect(checks.state.get()).toMatchObject({ open: null, ended: { outcome: 'withdrawn' } })
  })

  it('asks the server how things stand when a step is refused', async () => {
    const { checks, world, called } = setUp()
    checks.look(sitting({ check: view() }))
    world.refuses = true
    await checks.decline()
    expect(called).toEqual([['decline', 'one'], ['read']])
    expect(checks.state.get()).toMatchObject({ open: null, ended: { outcome: null } })
  })

  it('asks again when the server is still busy with the check before', async () => {
    const { checks, world, called } = setUp()
    checks.look(sitting({ check: view() }))
    world.busyFor = 2
    const begun = checks.begin()
    await vi.advanceTimersByTimeAsync(4_000)
    await begun
    expect(called).toEqual([1, 2, 3].map(() => ['begin', 'one', 'camera']))
    expect(checks.state.get()).toMatchObject({ open: { state: 'begun' }, problem: null })
  })

  it('asks no more for a check that was withdrawn, and not without end', async () => {
    const { checks, world, called } = setUp()
    checks.look(sitting({ check: view() }))
    world.busyFor = 9
    const withdrawn = checks.begin()
    checks.hear({ type: 'check', check: view({ state: 'ended', outcome: 'withdrawn' }) })
    await vi.advanceTimersByTimeAsync(9_000)
    await withdrawn
    expect(called.filter(([what]) => what === 'begin')).toHaveLength(1)
    world.sitting = sitting({ check: view({ check_id: 'two', asked_at: '2026-03-02T08:01:00Z' }) })
    checks.look(world.sitting)
    const begun = checks.begin()
    await vi.advanceTimersByTimeAsync(9_000)
    await begun
    expect(called.filter(([what, id]) => what === 'begin' && id === 'two')).toHaveLength(3)
    expect(checks.state.get().open).toMatchObject({ check_id: 'two', state: 'asked' })
  })

  it('shows an invitation until the telephone has joined', async () => {
    const { checks } = setUp()
    checks.look(sitting({ check: view() }))
    await checks.invitePhone()
    expect(checks.invitation.get()).toBe(INVITATION)
    checks.hearPhone(true)
    expect(checks.invitation.get()).toBeNull()
    expect(checks.phoneJoined.get()).toBe(true)
  })

  it('fetches the questions when they open, and what was missed, but only of a running sitting', async () => {
    const { checks, heard } = setUp()
    checks.catchUp()
    await vi.advanceTimersByTimeAsync(0)
    expect(heard).toEqual([])
    checks.look(sitting({ opening: true }))
    checks.catchUp()
    checks.hearOpened()
    await vi.advanceTimersByTimeAsync(0)
    expect(heard).toHaveLength(2)
  })

  it('is silent once closed', async () => {
    const { checks, called } = setUp()
    checks.hear({ type: 'check', check: view({ check: 'challenge' }) })
    await checks.begin()
    checks.close()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(called).toEqual([])
  })
})
