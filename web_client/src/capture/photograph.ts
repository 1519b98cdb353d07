const QUALITY = 0.92
const NEXT_PICTURE_LIMIT_MS = 4_000

/** True once the video shows a new picture; false when none comes within the limit. Its size is known before it has any. */
function nextPicture(video: HTMLVideoElement): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      video.cancelVideoFrameCallback(request)
      resolve(false)
    }, NEXT_PICTURE_LIMIT_MS)
    const request = video.requestVideoFrameCallback(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}

/** The next picture of a playing video as JPEG, unmirrored, in the camera's own size; null when none comes. */
export async function takePhotograph(video: HTMLVideoElement): Promise<Blob | null> {
  if (!(await nextPicture(video))) return null
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight)
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
}
