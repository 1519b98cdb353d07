import { takePhotograph } from './photograph'

const LONGEST_SIDE_PX = 1920
const QUALITY = 0.92
const STILL_LIMIT_MS = 6_000

/** The part of the browser's ImageCapture that is used; not every browser has it. */
interface StillCamera {
  takePhoto(): Promise<Blob>
}
declare global {
  interface Window {
    readonly ImageCapture?: new (track: MediaStreamTrack) => StillCamera
  }
}

function within<T>(work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, refuse) => {
      setTimeout(() => refuse(new Error('the camera took too long')), STILL_LIMIT_MS)
    }),
  ])
}

/** The picture as JPEG, no larger than the server needs to read small print. */
async function asJpeg(still: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(still)
  const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(bitmap.width, bitmap.height))
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale))
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
}

/**
 * A still picture in the camera's own resolution, which is finer than the video's; the video's next picture where the
 * browser cannot take one, null when none comes.
 */
export async function takeStill(track: MediaStreamTrack | undefined, video: HTMLVideoElement): Promise<Blob | null> {
  const Camera = window.ImageCapture
  if (Camera !== undefined && track !== undefined) {
    try {
      return await asJpeg(await within(new Camera(track).takePhoto()))
    } catch {
      // The device takes no stills, or not now: the video's picture will do.
    }
  }
  return takePhotograph(video)
}
