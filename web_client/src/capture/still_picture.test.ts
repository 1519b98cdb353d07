import { afterEach, expect, it, vi } from 'vitest'
import { takeStill } from './still_picture'

const TRACK = {} as MediaStreamTrack
/** A video that shows its next picture at once. */
const VIDEO = {
  videoWidth: 640,
  videoHeight: 480,
  requestVideoFrameCallback: (callback: () => void) => {
    queueMicrotask(callback)
    return 1
  },
  cancelVideoFrameCallback: () => undefined,
} as unknown as HTMLVideoElement

class Canvas {
  readonly width: number
  readonly height: number

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
  }

  getContext() {
    return { drawImage: () => undefined }
  }

  convertToBlob(): Promise<Blob> {
    return Promise.resolve(new Blob([`${this.width}x${this.height}`]))
  }
}

function camera(takePhoto: () => Promise<Blob>) {
  vi.stubGlobal('window', {
    ImageCapture: class {
      takePhoto = takePhoto
    },
  })
  vi.stubGlobal('OffscreenCanvas', Canvas)
  vi.stubGlobal('createImageBitmap', () => Promise.resolve({ width: 3840, height: 2160, close: () => undefined }))
}

const taken = async (track: MediaStreamTrack | undefined) => (await takeStill(track, VIDEO))?.text()

afterEach(() => {
  vi.unstubAllGlobals()
})

it('takes the still that the camera gives, no larger than small print needs', async () => {
  camera(() => Promise.resolve(new Blob(['still'])))
  expect(await taken(TRACK)).toBe('1920x1080')
})

it('takes the video’s picture where the camera or the browser gives no still', async () => {
  camera(() => Promise.reject(new Error('busy')))
  expect(await taken(TRACK)).toBe('640x480')
  expect(await taken(undefined)).toBe('640x480')
  vi.stubGlobal('window', {})
  expect(await taken(TRACK)).toBe('640x480')
})
