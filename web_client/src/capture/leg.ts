import type { IceServer, LegAnswer, MediaPolicy, TrackName, TrackPlace } from './contract'
import { withPacketTime, withSoundRepair } from './sdp'

/** Why a peer connection did not come about on this side. */
export class LegFailed extends Error {
  readonly reason: 'no_codec' | 'no_path' | 'gone'

  constructor(reason: 'no_codec' | 'no_path' | 'gone') {
    super(reason)
    this.name = 'LegFailed'
    this.reason = reason
  }
}

export interface LegPlan {
  /** In the order of the media sections; each gets one even while its device is not open yet. */
  readonly tracks: readonly TrackName[]
  readonly sources: ReadonlyMap<TrackName, MediaStreamTrack>
  readonly policy: MediaPolicy
  readonly iceServers: readonly IceServer[]
  readonly exchange: (offerSdp: string, tracks: readonly TrackPlace[], signal: AbortSignal) => Promise<LegAnswer>
}

/** What the publisher needs of a peer connection. */
export interface OpenLeg {
  readonly number: number
  /** Track by media section id. */
  readonly trackOfMid: ReadonlyMap<string, TrackName>
  readonly alive: boolean
  send(track: TrackName, source: MediaStreamTrack | null): Promise<void>
  statistics(): Promise<RTCStatsReport>
  close(): void
}

const GATHERING_LIMIT_MS = 3_000
const ANSWER_LIMIT_MS = 8_000
const CONNECTION_LIMIT_MS = 8_000

function iceServer({ urls, username, credential }: IceServer): RTCIceServer {
  return { urls, ...(username == null ? {} : { username }), ...(credential == null ? {} : { credential }) }
}

function preferredCodecs(track: TrackName): RTCRtpCodec[] {
  if (track === 'microphone') {
    const sound = RTCRtpSender.getCapabilities('audio')?.codecs ?? []
    return sound.filter((codec) => codec.mimeType.toLowerCase() === 'audio/opus')
  }
  const pictures = RTCRtpSender.getCapabilities('video')?.codecs ?? []
  const vp8 = pictures.filter((codec) => codec.mimeType.toLowerCase() === 'video/vp8')
  const repair = pictures.filter((codec) => codec.mimeType.toLowerCase() === 'video/rtx')
  return vp8.length === 0 ? [] : [...vp8, ...repair]
}

/** `scalabilityMode` is W3C's (webrtc-svc); TypeScript's library does not know it yet. */
interface Encoding extends RTCRtpEncodingParameters {
  readonly scalabilityMode?: 'L1T3'
}

function encodingFor(track: TrackName, policy: MediaPolicy): Encoding {
  switch (track) {
    case 'microphone':
      return { maxBitrate: policy.microphone_kbps * 1000 }
    case 'camera':
      return { maxBitrate: policy.camera_kbps * 1000, maxFramerate: policy.camera_fps, scalabilityMode: 'L1T3' }
    case 'screen':
      return { maxBitrate: policy.screen_kbps * 1000, maxFramerate: policy.screen_fps, scalabilityMode: 'L1T3' }
  }
}

function addSender(connection: RTCPeerConnection, track: TrackName, plan: LegPlan): RTCRtpTransceiver {
  const codecs = preferredCodecs(track)
  if (codecs.length === 0) throw new LegFailed('no_codec')
  const source = plan.sources.get(track) ?? (track === 'microphone' ? 'audio' : 'video')
  const { scalabilityMode, ...oneLayer } = encodingFor(track, plan.policy)
  const add = (encoding: Encoding): RTCRtpTransceiver =>
    connection.addTransceiver(source, { direction: 'sendonly', sendEncodings: [encoding] })
  let transceiver: RTCRtpTransceiver
  try {
    transceiver = add(scalabilityMode === undefined ? oneLayer : { ...oneLayer, scalabilityMode })
  } catch {
    // A browser without temporal layers refuses the mode; one layer is a valid stream for the server as well.
    transceiver = add(oneLayer)
  }
  transceiver.setCodecPreferences(codecs)
  return transceiver
}

async function keepResolution(sender: RTCRtpSender): Promise<void> {
  const parameters = sender.getParameters()
  parameters.degradationPreference = 'maintain-resolution'
  await sender.setParameters(parameters)
}

function when(limitMs: number, signal: AbortSignal, attach: (done: () => void) => () => void): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (reached: boolean): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      detach()
      resolve(reached)
    }
    const abort = (): void => {
      end(false)
    }
    const timer = setTimeout(abort, limitMs)
    signal.addEventListener('abort', abort)
    const detach = attach(() => {
      end(true)
    })
  })
}

function gathered(connection: RTCPeerConnection, signal: AbortSignal): Promise<boolean> {
  if (connection.iceGatheringState === 'complete') return Promise.resolve(true)
  return when(GATHERING_LIMIT_MS, signal, (done) => {
    const look = (): void => {
      if (connection.iceGatheringState === 'complete') done()
    }
    connection.addEventListener('icegatheringstatechange', look)
    return () => {
      connection.removeEventListener('icegatheringstatechange', look)
    }
  })
}

async function connected(connection: RTCPeerConnection, signal: AbortSignal): Promise<boolean> {
  const reached = await when(CONNECTION_LIMIT_MS, signal, (done) => {
    const look = (): void => {
      if (connection.connectionState === 'connected' || connection.connectionState === 'failed') done()
    }
    connection.addEventListener('connectionstatechange', look)
    queueMicrotask(look)
    return () => {
      connection.removeEventListener('connectionstatechange', look)
    }
  })
  return reached && connection.connectionState === 'connected'
}

class PeerLeg implements OpenLeg {
  readonly number: number
  readonly trackOfMid: ReadonlyMap<string, TrackName>
  readonly #connection: RTCPeerConnection
  readonly #senders: ReadonlyMap<TrackName, RTCRtpSender>

  constructor(number: number, connection: RTCPeerConnection, transceivers: ReadonlyMap<TrackName, RTCRtpTransceiver>) {
    this.number = number
    this.#connection = connection
    this.#senders = new Map([...transceivers].map(([track, { sender }]) => [track, sender]))
    this.trackOfMid = new Map([...transceivers].map(([track, { mid }]) => [mid ?? '', track]))
  }

  get alive(): boolean {
    return this.#connection.connectionState !== 'failed' && this.#connection.connectionState !== 'closed'
  }

  async send(track: TrackName, source: MediaStreamTrack | null): Promise<void> {
    await this.#senders.get(track)?.replaceTrack(source)
  }

  statistics(): Promise<RTCStatsReport> {
    return this.#connection.getStats()
  }

  close(): void {
    this.#connection.close()
  }
}

/**
 * Make one peer connection that sends the planned tracks, and wait until media can flow.
 *
 * @throws LegFailed no common codec, no path to the server (UDP blocked), or `signal` ended it.
 * @throws whatever `exchange` throws.
 */
export async function openLeg(plan: LegPlan, signal: AbortSignal): Promise<OpenLeg> {
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: plan.iceServers.map(iceServer) })
  try {
    const transceivers = new Map(plan.tracks.map((track) => [track, addSender(connection, track, plan)] as const))
    for (const [track, { sender }] of transceivers) if (track !== 'microphone') await keepResolution(sender)
    const offer = await connection.createOffer()
    await connection.setLocalDescription({ type: 'offer', sdp: withSoundRepair(offer.sdp ?? '') })
    await gathered(connection, signal)
    const answer = await plan.exchange(
      connection.localDescription?.sdp ?? '',
      [...transceivers].map(([track, { mid }]) => ({ mid: mid ?? '', track })),
      AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
    )
    const sdp = withPacketTime(withSoundRepair(answer.answer_sdp))
    await connection.setRemoteDescription({ type: 'answer', sdp })
    if (!(await connected(connection, signal))) throw new LegFailed(signal.aborted ? 'gone' : 'no_path')
    return new PeerLeg(answer.leg, connection, transceivers)
  } catch (error) {
    connection.close()
    throw error
  }
}
