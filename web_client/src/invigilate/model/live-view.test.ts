import { beforeEach, describe, expect, it } from 'vitest'
import { COMPUTER_TRACKS, type LivePorts, LiveView, PHONE_TRACKS } from './live-view'

class FakePeer {
  connectionState: RTCPeerConnectionState = 'new'
  iceGatheringState: RTCIceGatheringState = 'complete'
  onconnectionstatechange: (() => void) | null = null
  onicegatheringstatechange: (() => void) | null = null
  localDescription: { sdp: string } | null = null
  readonly directions: string[] = []
  remote = ''
  closed = false
  addTransceiver(kind: string, { direction }: { direction: string }): void {
    this.directions.push(`${kind} ${direction}`)
  }
  createOffer(): Promise<{ sdp: string }> {
    return Promise.resolve({ sdp: 'offer' })
  }
  setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description
    return Promise.resolve()
  }
  setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.remote = sdp
    return Promise.resolve()
  }
  getTransceivers(): { receiver: { track: string } }[] {
    return this.directions.map((direction, index) => ({ receiver: { track: `${direction} ${index}` } }))
  }
  close(): void {
    this.closed = true
  }
  becomes(state: RTCPeerConnectionState): void {
    this.connectionState = state
    this.onconnectionstatechange?.()
  }
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

describe('LiveView', () => {
  let peers: FakePeer[]
  let waiting: { ms: number; task: () => void }[]
  let closed: string[]
  let refusal: Error | null
  let view: LiveView
  const ports: LivePorts = {
    createPeer: () => {
      const peer = new FakePeer()
      peers.push(peer)
      return peer as unknown as RTCPeerConnection
    },
    createStream: (track) => track as unknown as MediaStream,
    open: () =>
      refusal ? Promise.reject(refusal) : Promise.resolve({ viewer_id: `v${peers.length}`, answer_sdp: 'answer' }),
    close: (viewerId) => {
      closed.push(viewerId)
      return Promise.resolve()
    },
    after: (ms, task) => {
      const entry = { ms, task }
      waiting.push(entry)
      return () => {
        waiting = waiting.filter((other) => other !== entry)
      }
    },
  }
  beforeEach(async () => {
    peers = []
    waiting = []
    closed = []
    refusal = null
    view = new LiveView(ports, COMPUTER_TRACKS)
    view.start()
    await settled()
  })

  it('asks for camera, screen and sound, in that order, and shows them', () => {
    expect(peers[0]?.directions).toEqual(['video recvonly', 'video recvonly', 'audio recvonly'])
    expect(peers[0]?.remote).toBe('answer')
    peers[0]?.becomes('connected')
    expect(view.snapshot).toMatchObject({
      status: 'live',
      camera: 'video recvonly 0',
      screen: 'video recvonly 1',
      microphone: 'audio recvonly 2',
      phone: null,
    })
  })

  it('receives a telephone by itself', async () => {
    const phone = new LiveView(ports, PHONE_TRACKS)
    phone.start()
    await settled()
    expect(peers[1]?.directions).toEqual(['video recvonly'])
    expect(phone.snapshot).toMatchObject({ camera: null, phone: 'video recvonly 0' })
  })

  it('makes a new connection when the old one fails', async () => {
    peers[0]?.becomes('failed')
    expect(view.snapshot.status).toBe('lost')
    waiting[0]?.task()
    await settled()
    expect([peers.length, peers[0]?.closed, closed]).toEqual([2, true, ['v1']])
    peers[1]?.becomes('connected')
    expect(view.snapshot.status).toBe('live')
  })

  it('gives a short interruption three seconds', () => {
    peers[0]?.becomes('connected')
    peers[0]?.becomes('disconnected')
    expect(view.snapshot.status).toBe('lost')
    expect(waiting.map((each) => each.ms)).toEqual([3_000])
    peers[0]?.becomes('connected')
    expect(view.snapshot.status).toBe('live')
    expect(waiting).toEqual([])
  })

  it('keeps the reason of a refusal and tries again later', async () => {
    refusal = new Error('not_running')
    peers[0]?.becomes('failed')
    waiting[0]?.task()
    await settled()
    expect(view.snapshot).toMatchObject({ status: 'lost', failure: refusal })
    expect(waiting.map((each) => each.ms)).toEqual([1_000])
  })

  it('says farewell and stays closed', async () => {
    view.close()
    await settled()
    expect([peers[0]?.closed, closed, waiting]).toEqual([true, ['v1'], []])
  })
})
