export interface PictureFacts {
  readonly width: number
  readonly height: number
  /** 0 black to 255 white. */
  readonly meanLuma: number
  /** Standard deviation of luma over the picture. */
  readonly lumaDeviation: number
}

const PROBE_WIDTH = 80
const PROBE_HEIGHT = 60
const FIRST_PICTURE_LIMIT_MS = 4_000
const LOOKS = 6
const BETWEEN_LOOKS_MS = 250

/** Mean and standard deviation of luma (BT.601 weights) of RGBA pixels. */
export function lumaOf(rgba: Uint8ClampedArray): { readonly mean: number; readonly deviation: number } {
  const pixels = rgba.length / 4
  if (pixels === 0) return { mean: 0, deviation: 0 }
  let sum = 0
  let squares = 0
  for (let i = 0; i < rgba.length; i += 4) {
    const luma = 0.299 * (rgba[i] ?? 0) + 0.587 * (rgba[i + 1] ?? 0) + 0.114 * (rgba[i + 2] ?? 0)
    sum += luma
    squares += luma * luma
  }
  const mean = sum / pixels
  return { mean, deviation: Math.sqrt(Math.max(0, squares / pixels - mean * mean)) }
}

/** A covered lens or a camera that delivers nothing: dark all over, without structure. */
export function isBlack({ meanLuma, lumaDeviation }: Pick<PictureFacts, 'meanLuma' | 'lumaDeviation'>): boolean {
  return meanLuma < 16 && lumaDeviation < 4
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

async function playing(track: MediaStreamTrack): Promise<HTMLVideoElement> {
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.srcObject = new MediaStream([track])
  await Promise.race([video.play(), pause(FIRST_PICTURE_LIMIT_MS)])
  return video
}

/**
 * Look at what a camera delivers for up to a second and a half: exposure needs a moment to settle.
 *
 * Returns as soon as a picture is not black; null when no picture came at all.
 */
export async function probePictures(track: MediaStreamTrack): Promise<PictureFacts | null> {
  const video = await playing(track)
  const canvas = new OffscreenCanvas(PROBE_WIDTH, PROBE_HEIGHT)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  let facts: PictureFacts | null = null
  try {
    for (let look = 0; look < LOOKS; look += 1) {
      if (video.videoWidth > 0 && context !== null) {
        context.drawImage(video, 0, 0, PROBE_WIDTH, PROBE_HEIGHT)
        const { mean, deviation } = lumaOf(context.getImageData(0, 0, PROBE_WIDTH, PROBE_HEIGHT).data)
        facts = { width: video.videoWidth, height: video.videoHeight, meanLuma: mean, lumaDeviation: deviation }
        if (!isBlack(facts)) break
      }
      await pause(BETWEEN_LOOKS_MS)
    }
    return facts
  } finally {
    video.srcObject = null
  }
}
