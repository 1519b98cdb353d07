import type { Track } from '@/api/types'
import { Store } from '@/ui/store'

type LiveStatus = 'connecting' | 'live' | 'lost'

export interface LiveSnapshot {
  readonly status: LiveStatus
  readonly camera: MediaStream | null
  readonly screen: MediaStream | null
  readonly microphone: MediaStream | null
  readonly phone: MediaStream | null
  /** Why the last attempt failed, when the server refused it. */
  readonly failure: unknown
}

export interface LivePorts {
  readonly createPeer: () => RTCPeerConnection
  readonly createStream: (track: MediaStreamTrack) => MediaStream
  readonly open: (offerSdp: string) => Promise<{ viewer_id: string; answer_sdp: string }>
  readonly close: (viewerId: string) => Promise<unknown>
  readonly after: (ms: number, task: () => void) => () => void
}

/** What the computer sends; a telephone comes and goes, and is watched by a view of its own. */
export const COMPUTER_TRACKS: readonly Track[] = ['camera', 'screen', 'microphone']
export const PHONE_TRACKS: readonly Track[] = ['phone']

const GATHER_MS = 1_000
const PATIENCE_MS = 3_000
const WAITS_MS = [500, 1_000, 2_000, 5_000]
const DARK = { camera: null, screen: null, microphone: null, phone: null }

/** Receives some of a sitting's tracks live; after a loss it makes a new connection until it is closed. */
export class LiveView extends Store<LiveSnapshot> {
  readonly #ports: LivePorts
  readonly #tracks: readonly Track[]
  #peer: RTCPeerConnection | null = null
  #viewerId: string | null = null
  #failures = 0
  #closed = false
  #cancel: () => void = () => undefined

  constructor(ports: LivePorts, tracks: readonly Track[]) {
    super({ status: 'connecting', ...DARK, failure: null })
    this.#ports = ports
    this.#tracks = tracks
  }

  start(): void {
    this.#closed = false
    void this.#connect()
  }

  close(): void {
    this.#closed = true
    this.#cancel()
    this.#hangUp()
  }

  async #connect(): Promise<void> {
    const peer = this.#ports.createPeer()
    this.#peer = peer
    try {
      for (const track of this.#tracks)
        peer.addTransceiver(track === 'microphone' ? 'audio' : 'video', { direction: 'recvonly' })
      await peer.setLocalDescription(await peer.createOffer())
      await this.#gathered(peer)
      const { viewer_id, answer_sdp } = await this.#ports.open(peer.localDescription?.sdp ?? '')
      if (this.#peer !== peer) {
        await this.#ports.close(viewer_id)
        return
      }
      this.#viewerId = viewer_id
      peer.onconnectionstatechange = () => this.#follow(peer)
      await peer.setRemoteDescription({ type: 'answer', sdp: answer_sdp })
      this.#showStreams(peer)
      this.#follow(peer)
    } catch (failure) {
      if (this.#peer === peer) this.#retry(failure)
    }
  }

  #gathered(peer: RTCPeerConnection): Promise<void> {
    if (peer.iceGatheringState === 'complete') return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#ports.after(GATHER_MS, resolve)
      peer.onicegatheringstatechange = () => {
        if (peer.iceGatheringState !== 'complete') return
        cancel()
        resolve()
      }
    })
  }

  #showStreams(peer: RTCPeerConnection): void {
    const streams: { -readonly [Key in keyof typeof DARK]: MediaStream | null } = { ...DARK }
    for (const [index, transceiver] of peer.getTransceivers().entries()) {
      const track = this.#tracks[index]
      if (track) streams[track] = this.#ports.createStream(transceiver.receiver.track)
    }
    this.#set(streams)
  }

  #follow(peer: RTCPeerConnection): void {
    if (this.#peer !== peer) return
    this.#cancel()
    if (peer.connectionState === 'connected') {
      this.#failures = 0
      this.#set({ status: 'live', failure: null })
    } else if (peer.connectionState === 'failed' || peer.connectionState === 'closed') this.#retry(null)
    else {
      if (peer.connectionState === 'disconnected') this.#set({ status: 'lost' })
      this.#cancel = this.#ports.after(PATIENCE_MS * (this.#failures + 1), () => this.#retry(null))
    }
  }

  #retry(failure: unknown): void {
    this.#hangUp()
    if (this.#closed) return
    this.#set({ status: 'lost', failure })
    const wait = WAITS_MS[Math.min(this.#failures, WAITS_MS.length - 1)] ?? 0
    this.#failures += 1
    this.#cancel()
    this.#cancel = this.#ports.after(wait, () => void this.#connect())
  }

  #hangUp(): void {
    const peer = this.#peer
    const viewerId = this.#viewerId
    this.#peer = null
    this.#viewerId = null
    if (peer) peer.onconnectionstatechange = null
    const farewell = viewerId === null ? Promise.resolve() : this.#ports.close(viewerId)
    // The server closes a viewer by itself when its connection ends; a failed farewell changes nothing.
    farewell.catch(() => undefined).finally(() => peer?.close())
  }

  #set(change: Partial<LiveSnapshot>): void {
    this.publish({ ...this.snapshot, ...change })
  }
}
