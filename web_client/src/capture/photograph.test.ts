import { afterEach, expect, it, vi } from 'vitest'
import { takePhotograph } from './photograph'

/** A video that knows its size and shows a picture when it is told to. */
class Video {
  readonly videoWidth = 640
  readonly videoHeight = 480
  shown = false
  readonly #waiting = new Set<() => void>()

  requestVideoFrameCallback(callback: () => void): number {
    this.#waiting.add(callback)
    return 1
  }

  cancelVideoFrameCallback(): void {
    this.#waiting.clear()
  }

  show(): void {
    this.shown = true
    for (const callback of this.#waiting) callback()
  }
}

class Canvas {
  #drawn = 'nothing'

  getContext() {
    return { drawImage: (video: Video) => (this.#drawn = video.shown ? 'a picture' : 'nothing') }
  }

  convertToBlob(): Promise<Blob> {
    return Promise.resolve(new Blob([this.#drawn]))
  }
}

const photographOf = (video: Video) => takePhotograph(video as unknown as HTMLVideoElement)

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('waits for a picture, though the size is known before', async () => {
  vi.stubGlobal('OffscreenCanvas', Canvas)
  const video = new Video()
  const photograph = photographOf(video)
  await new Promise((later) => setTimeout(later, 0))
  video.show()
  expect(await (await photograph)?.text()).toBe('a picture')
})

it('gives up when no picture comes', async () => {
  vi.useFakeTimers()
  const photograph = photographOf(new Video())
  await vi.advanceTimersByTimeAsync(4_000)
  expect(await photograph).toBeNull()
})
