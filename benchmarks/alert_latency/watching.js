// Runs in both pages before their own scripts. Times are milliseconds of the machine's clock, which both browsers share.
(() => {
  const now = () => performance.timeOrigin + performance.now()
  const seen = (globalThis.__seen = { onsets: [], live: [], alerts: [] })
  const PATCH = 16
  const WHITE = 180

  const patchWatcher = (times) => {
    const canvas = new OffscreenCanvas(PATCH, PATCH)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    let wasWhite = null
    return (picture, at) => {
      context.drawImage(picture, 0, 0, PATCH, PATCH, 0, 0, PATCH, PATCH)
      const pixels = context.getImageData(4, 4, 8, 8).data
      let sum = 0
      for (let index = 0; index < pixels.length; index += 4) sum += pixels[index + 1]
      const isWhite = sum / (pixels.length / 4) > WHITE
      if (isWhite && wasWhite === false) times.push(at)
      wasWhite = isWhite
    }
  }

  // The candidate's page: each captured picture of the camera, before it is encoded.
  const getUserMedia = navigator.mediaDevices?.getUserMedia?.bind(navigator.mediaDevices)
  if (getUserMedia) {
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints)
      const [camera] = stream.getVideoTracks()
      if (camera) {
        const reader = new MediaStreamTrackProcessor({ track: camera.clone() }).readable.getReader()
        const watch = patchWatcher(seen.onsets)
        void (async () => {
          for (;;) {
            const { done, value } = await reader.read()
            if (done) return
            watch(value, now())
            value.close()
          }
        })()
      }
      return stream
    }
  }

  // The invigilator's page: the live camera picture as it is shown, and incidents as they are painted.
  const watched = new WeakSet()
  const watchLive = (video) => {
    watched.add(video)
    const watch = patchWatcher(seen.live)
    const next = () =>
      video.requestVideoFrameCallback((at) => {
        watch(video, performance.timeOrigin + at)
        next()
      })
    next()
  }
  const known = new Set()
  const look = () => {
    for (const video of document.querySelectorAll('[data-track=camera] video')) if (!watched.has(video)) watchLive(video)
    for (const row of document.querySelectorAll('[data-incident]')) {
      const id = row.dataset.incident
      if (known.has(id)) continue
      known.add(id)
      requestAnimationFrame(() => seen.alerts.push([id, now()]))
    }
  }
  new MutationObserver(look).observe(document, { childList: true, subtree: true })
})()
