import { describe, expect, it } from 'vitest'
import type { TrackName } from './contract'
import { SilenceWatch, summarise } from './outbound'

const MIDS = new Map<string, TrackName>([
  ['0', 'microphone'],
  ['1', 'camera'],
])

function reading(timestamp: number, packets: number, bytes: number, frames: number) {
  return [
    { type: 'codec', id: 'C1', mimeType: 'video/VP8' },
    { type: 'outbound-rtp', kind: 'audio', mid: '0', timestamp, packetsSent: 16, bytesSent: 900 },
    {
      type: 'outbound-rtp',
      kind: 'video',
      mid: '1',
      timestamp,
      packetsSent: packets,
      bytesSent: bytes,
      framesSent: frames,
      frameWidth: 640,
      frameHeight: 480,
      codecId: 'C1',
      scalabilityMode: 'L1T3',
    },
    { type: 'candidate-pair', nominated: true, bytesReceived: 4000, currentRoundTripTime: 0.0234 },
  ]
}

describe('summarise', () => {
  it('says what flows between two readings', () => {
    const first = summarise(reading(1000, 10, 10_000, 15), MIDS, undefined)
    const { tracks, roundTripMs, sample } = summarise(reading(3000, 80, 110_000, 45), MIDS, first.sample)
    expect(tracks.camera).toEqual({
      flowing: true,
      kilobitsPerSecond: 400,
      framesPerSecond: 15,
      width: 640,
      height: 480,
      codec: 'video/VP8',
      scalabilityMode: 'L1T3',
    })
    expect(tracks.microphone?.flowing).toBe(false)
    expect(roundTripMs).toBe(23)
    expect(sample.returnedBytes).toBe(4000)
  })

  it('claims nothing from a single reading', () => {
    expect(summarise(reading(1000, 10, 10_000, 15), MIDS, undefined).tracks.camera?.flowing).toBe(false)
  })
})

describe('SilenceWatch', () => {
  it('takes a path for lost after 2.5 s without a byte back', () => {
    const watch = new SilenceWatch(2500)
    expect([0, 1000, 2000, 3000].map((now) => watch.read(700, now))).toEqual([false, false, false, true])
  })

  it('starts again with every byte', () => {
    const watch = new SilenceWatch(2500)
    expect([0, 1000, 2000, 3000, 4000].map((now, i) => watch.read(i < 3 ? 700 : 701, now))).not.toContain(true)
  })

  it('does not take a sleeping laptop for a lost path', () => {
    const watch = new SilenceWatch(2500)
    watch.read(700, 0)
    expect(watch.read(700, 3_600_000)).toBe(false)
  })
})
