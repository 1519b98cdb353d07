const QUALITY = 0.92
const FIRST_PICTURE_LIMIT_MS = 4_000

/** True once the video has a picture; false when none comes within the limit. */
function hasPicture(video: HTMLVideoElement): Promise<boolean> {
  if (video.videoWidth > 0) return Promise.resolve(true)
  return new Promise((resolve) => {
    const look = (): void => {
      clearTimeout(timer)
      video.removeEventListener('loadeddata', look)
      resolve(video.videoWidth > 0)
    }
    const timer = setTimeout(look, FIRST_PICTURE_LIMIT_MS)
    video.addEventListener('loadeddata', look)
  })
}

/** The present picture of a playing video as JPEG, unmirrored, in the camera's own size; null when none comes. */
export async function takePhotograph(video: HTMLVideoElement): Promise<Blob | null> {
  if (!(await hasPicture(video))) return null
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight)
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
}
