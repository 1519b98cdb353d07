import type { TrackName } from './contract'

/** What one track sends now, from the browser's own counters. */
export interface Outbound {
  /** Packets left in the last interval. */
  readonly flowing: boolean
  readonly kilobitsPerSecond: number
  readonly framesPerSecond?: number | undefined
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly codec?: string | undefined
  readonly scalabilityMode?: string | undefined
}

/** Counters at one instant. */
export interface OutboundSample {
  /** Milliseconds on the browser's own statistics clock. */
  readonly atMs: number
  readonly sent: Readonly<Record<string, { readonly packets: number; readonly bytes: number; readonly frames: number }>>
  /** Bytes that came back over the chosen path: receiver reports and consent checks. */
  readonly returnedBytes: number
}

export interface OutboundSummary {
  readonly sample: OutboundSample
  readonly tracks: Readonly<Partial<Record<TrackName, Outbound>>>
  readonly roundTripMs?: number | undefined
}

type Entry = Readonly<Record<string, unknown>>

function numberOf(entry: Entry, field: string): number {
  const value = entry[field]
  return typeof value === 'number' ? value : 0
}

function optionalNumber(entry: Entry, field: string): number | undefined {
  const value = entry[field]
  return typeof value === 'number' ? value : undefined
}

function optionalText(entry: Entry, field: string): string | undefined {
  const value = entry[field]
  return typeof value === 'string' ? value : undefined
}

function outboundOf(entry: Entry, before: OutboundSample | undefined, codecs: ReadonlyMap<string, Entry>): Outbound {
  const earlier = before?.sent[optionalText(entry, 'mid') ?? '']
  const seconds = before === undefined ? 0 : (numberOf(entry, 'timestamp') - before.atMs) / 1000
  const rate = (now: number, then: number | undefined): number =>
    then === undefined || seconds <= 0 ? 0 : Math.max(0, now - then) / seconds
  const codec = codecs.get(optionalText(entry, 'codecId') ?? '')
  const isVideo = entry['kind'] === 'video'
  return {
    flowing: rate(numberOf(entry, 'packetsSent'), earlier?.packets) > 0,
    kilobitsPerSecond: Math.round((rate(numberOf(entry, 'bytesSent'), earlier?.bytes) * 8) / 1000),
    framesPerSecond: isVideo ? Math.round(rate(numberOf(entry, 'framesSent'), earlier?.frames) * 10) / 10 : undefined,
    width: optionalNumber(entry, 'frameWidth'),
    height: optionalNumber(entry, 'frameHeight'),
    codec: codec === undefined ? undefined : optionalText(codec, 'mimeType'),
    scalabilityMode: optionalText(entry, 'scalabilityMode'),
  }
}

/**
 * Say what each track sends, as the difference of two readings of `RTCPeerConnection.getStats()`.
 *
 * Without an earlier reading every rate is 0.
 */
export function summarise(
  entries: Iterable<unknown>,
  trackOfMid: ReadonlyMap<string, TrackName>,
  before: OutboundSample | undefined,
): OutboundSummary {
  const list = [...entries].filter((entry): entry is Entry => typeof entry === 'object' && entry !== null)
  const codecs = new Map(list.filter((e) => e['type'] === 'codec').map((e) => [optionalText(e, 'id') ?? '', e]))
  const tracks: Partial<Record<TrackName, Outbound>> = {}
  const sent: Record<string, { packets: number; bytes: number; frames: number }> = {}
  let returnedBytes = 0
  let roundTripMs: number | undefined
  let atMs = 0
  for (const entry of list) {
    if (entry['type'] === 'outbound-rtp') {
      const mid = optionalText(entry, 'mid') ?? ''
      const track = trackOfMid.get(mid)
      atMs = numberOf(entry, 'timestamp')
      sent[mid] = {
        packets: numberOf(entry, 'packetsSent'),
        bytes: numberOf(entry, 'bytesSent'),
        frames: numberOf(entry, 'framesSent'),
      }
      if (track !== undefined) tracks[track] = outboundOf(entry, before, codecs)
    } else if (entry['type'] === 'candidate-pair') {
      returnedBytes += numberOf(entry, 'bytesReceived')
      const seconds = optionalNumber(entry, 'currentRoundTripTime')
      if (entry['nominated'] === true && seconds !== undefined) roundTripMs = Math.round(seconds * 1000)
    }
  }
  return { sample: { atMs, sent, returnedBytes }, tracks, roundTripMs }
}

/**
 * Notices a dead path sooner than the browser does: nothing has come back for `limitMs`.
 *
 * Two readings in a row must agree, so that a laptop's sleep does not count as an outage of its own.
 */
export class SilenceWatch {
  readonly #limitMs: number
  #bytes = -1
  #sinceMs = 0
  #still = 0

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  /** True once the path is taken for lost. `nowMs` is any monotonic clock. */
  read(returnedBytes: number, nowMs: number): boolean {
    if (returnedBytes !== this.#bytes) {
      this.#bytes = returnedBytes
      this.#sinceMs = nowMs
      this.#still = 0
      return false
    }
    this.#still += 1
    return this.#still >= 2 && nowMs - this.#sinceMs >= this.#limitMs
  }
}
