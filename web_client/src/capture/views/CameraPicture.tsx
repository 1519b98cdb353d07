import { type RefObject, useEffect, useRef } from 'react'

interface CameraPictureProps {
  readonly track: MediaStreamTrack | undefined
  readonly label: string
  readonly className?: string | undefined
  readonly video?: RefObject<HTMLVideoElement | null>
}

/** One's own camera; silent, and mirrored by the style sheet only. */
export function CameraPicture({ track, label, className, video }: CameraPictureProps) {
  const own = useRef<HTMLVideoElement>(null)
  const element = video ?? own
  useEffect(() => {
    const target = element.current
    if (target === null || track === undefined) return undefined
    target.srcObject = new MediaStream([track])
    void target.play().catch(() => undefined)
    return () => {
      target.srcObject = null
    }
  }, [element, track])
  return <video ref={element} className={className} muted playsInline aria-label={label} />
}
