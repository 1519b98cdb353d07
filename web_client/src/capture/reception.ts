import type { Blocker } from './blockers'
import type { Detail, ReceivedLeg, ReceivedTrack, TrackName } from './contract'

/** What the server's word about a leg amounts to. */
export interface ReceptionVerdict {
  /** Nothing is to be gained by waiting longer. */
  readonly settled: boolean
  readonly network: Blocker | null
  readonly codec: Blocker | null
  readonly detail: Detail
  readonly codecs: Detail
}

const EXPECTED_CODEC: Readonly<Record<TrackName, string>> = { camera: 'vp8', screen: 'vp8', microphone: 'opus' }
/** Packets of all tracks together after which the loss can be judged. */
const ENOUGH_PACKETS = 40
const ENOUGH_FRAMES = 3
/** Loss that repair does not catch up with on a normal day. */
const TOLERATED_LOSS = 0.1

function arrives(track: ReceivedTrack | undefined): boolean {
  return track !== undefined && track.frames >= ENOUGH_FRAMES
}

function lossOf(tracks: readonly ReceivedTrack[]): number {
  const lost = tracks.reduce((sum, track) => sum + track.lost, 0)
  const packets = tracks.reduce((sum, track) => sum + track.packets, 0)
  return packets + lost === 0 ? 0 : lost / (packets + lost)
}

/** Judge what arrives against what must arrive; `received` is null when the server did not say. */
export function judgeReception(received: ReceivedLeg | null, wanted: readonly TrackName[]): ReceptionVerdict {
  const tracks = received?.tracks ?? []
  const of = (name: TrackName): ReceivedTrack | undefined => tracks.find(({ track }) => track === name)
  const missing = wanted.filter((name) => !arrives(of(name)))
  const loss = lossOf(tracks)
  const wrong = wanted.filter((name) => {
    const codec = of(name)?.codec
    return codec != null && !codec.toLowerCase().endsWith(EXPECTED_CODEC[name])
  })
  const codecs: Record<string, string | boolean> = {}
  for (const { track, codec, layers_ok } of tracks) {
    if (codec != null) codecs[`${track}_codec`] = codec
    if (layers_ok != null) codecs[`${track}_layers_ok`] = layers_ok
  }
  const detail: Record<string, string | number> = { loss_percent: Math.round(loss * 1000) / 10 }
  if (missing.length > 0) detail['missing'] = missing.join(',')
  const enough = tracks.reduce((sum, { packets }) => sum + packets, 0) >= ENOUGH_PACKETS
  return {
    settled: missing.length === 0 && enough,
    network: missing.length > 0 ? 'media_not_arriving' : loss > TOLERATED_LOSS ? 'loss_high' : null,
    codec: wrong.length > 0 ? 'codec_not_used' : null,
    detail,
    codecs,
  }
}
