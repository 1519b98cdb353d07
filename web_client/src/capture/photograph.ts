const QUALITY = 0.92

/** The present picture of a playing video as JPEG, unmirrored, in the camera's own size; null before the first picture. */
export async function takePhotograph(video: HTMLVideoElement): Promise<Blob | null> {
  if (video.videoWidth === 0) return null
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight)
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
}
