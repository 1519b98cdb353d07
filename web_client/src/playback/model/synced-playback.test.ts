import { beforeEach, describe, expect, it } from 'vitest'
import { type MediaLike, SyncedPlayback } from './synced-playback'

class FakeMedia implements MediaLike {
  currentTime = 0
  playbackRate = 1
  paused = true
  ended = false
  readyState = 4
  seeking = false
  error: unknown = null
  play(): Promise<void> {
    this.paused = false
    return Promise.resolve()
  }
  pause(): void {
    this.paused = true
  }
}

describe('SyncedPlayback', () => {
  let playback: SyncedPlayback
  let camera: FakeMedia
  let screen: FakeMedia
  beforeEach(() => {
    playback = new SyncedPlayback(60_000, 5_000)
    camera = new FakeMedia()
    screen = new FakeMedia()
    playback.attach('camera', camera)
    playback.attach('screen', screen)
  })

  it('starts every track at the wanted time', () => {
    expect([camera.currentTime, screen.currentTime]).toEqual([5, 5])
    playback.playFrom(20_000)
    expect([camera.currentTime, screen.currentTime]).toEqual([20, 20])
    expect([camera.paused, screen.paused]).toEqual([false, false])
  })

  it('closes a small drift by rate and a large one by a jump', () => {
    playback.play()
    camera.currentTime = 10
    screen.currentTime = 9.9
    playback.tick()
    expect(screen.playbackRate).toBeCloseTo(1.05)
    screen.currentTime = 8
    playback.tick()
    expect(screen.currentTime).toBe(10)
    playback.tick()
    expect(screen.playbackRate).toBe(1)
    expect(playback.snapshot.timeMs).toBe(10_000)
  })

  it('lets the others wait while the leader waits for data', () => {
    playback.play()
    camera.readyState = 2
    playback.tick()
    expect(screen.paused).toBe(true)
    expect(playback.snapshot.waiting).toBe(true)
    camera.readyState = 4
    playback.tick()
    expect(screen.paused).toBe(false)
    expect(playback.snapshot.waiting).toBe(false)
  })

  it('lets another track lead when the first ends or cannot be read', () => {
    playback.play()
    camera.ended = true
    screen.currentTime = 40
    playback.tick()
    expect(playback.snapshot.timeMs).toBe(40_000)
    camera.ended = false
    camera.error = new Error('bad file')
    screen.currentTime = 41
    playback.tick()
    expect(playback.snapshot.timeMs).toBe(41_000)
  })

  it('lets a track that begins late stand until the clock comes there', () => {
    const phone = new FakeMedia()
    playback.attach('phone', phone, 20_000)
    // A browser goes no further back than a recording's first picture.
    phone.currentTime = 20
    playback.play()
    camera.currentTime = 6
    playback.tick()
    expect([phone.paused, phone.currentTime, playback.snapshot.timeMs]).toEqual([true, 20, 6_000])
    camera.currentTime = 20.1
    playback.tick()
    expect(phone.paused).toBe(false)
    playback.seek(4_000)
    phone.currentTime = 20
    playback.tick()
    expect([phone.paused, phone.currentTime]).toEqual([true, 20])
  })

  it('lets the track that begins first lead while none has begun', () => {
    const late = new SyncedPlayback(60_000)
    const [first, second] = [new FakeMedia(), new FakeMedia()]
    late.attach('screen', second, 3_000)
    late.attach('camera', first, 200)
    late.play()
    first.currentTime = 0.2
    second.currentTime = 3
    late.tick()
    expect([late.snapshot.timeMs, first.paused, second.paused]).toEqual([200, false, true])
  })

  it('stops at the end and starts again from the beginning', () => {
    playback.play()
    camera.currentTime = 60
    playback.tick()
    expect(playback.snapshot.playing).toBe(false)
    playback.play()
    expect(playback.snapshot.timeMs).toBe(0)
  })

  it('stays inside the recording', () => {
    playback.seek(90_000)
    expect(playback.snapshot.timeMs).toBe(60_000)
    playback.step(-70_000)
    expect(playback.snapshot.timeMs).toBe(0)
    playback.extend(120_000)
    playback.seek(90_000)
    expect(playback.snapshot.timeMs).toBe(90_000)
  })

  it('keeps a chosen rate', () => {
    playback.setRate(2)
    playback.play()
    camera.currentTime = 10
    screen.currentTime = 10.1
    playback.tick()
    expect(screen.playbackRate).toBeCloseTo(1.9)
  })
})
