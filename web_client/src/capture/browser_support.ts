import type { Blocker } from './blockers'

/** What the page needs of a browser; each can be missing on its own. */
type Capability =
  'camera_access' | 'screen_sharing' | 'peer_connection' | 'vp8' | 'opus' | 'sound_analysis' | 'off_screen_canvas'

export interface BrowserFacts {
  readonly secure: boolean
  readonly missing: readonly Capability[]
  readonly displaysExtended?: boolean | undefined
}

function supports(kind: 'audio' | 'video', mimeType: string): boolean {
  const codecs = RTCRtpSender.getCapabilities(kind)?.codecs ?? []
  return codecs.some((codec) => codec.mimeType.toLowerCase() === mimeType)
}

/** Look at this browser without asking the person anything. */
export function examineBrowser(page: Window & typeof globalThis): BrowserFacts {
  const missing: Capability[] = []
  const media: Partial<MediaDevices> | undefined = page.navigator.mediaDevices
  if (media?.getUserMedia === undefined) missing.push('camera_access')
  if (media?.getDisplayMedia === undefined) missing.push('screen_sharing')
  const canConnect =
    'RTCPeerConnection' in page &&
    'RTCRtpSender' in page &&
    'getCapabilities' in page.RTCRtpSender &&
    'setCodecPreferences' in page.RTCRtpTransceiver.prototype
  if (!canConnect) missing.push('peer_connection')
  else {
    if (!supports('video', 'video/vp8')) missing.push('vp8')
    if (!supports('audio', 'audio/opus')) missing.push('opus')
  }
  if (!('AudioContext' in page)) missing.push('sound_analysis')
  if (!('OffscreenCanvas' in page)) missing.push('off_screen_canvas')
  const extended: unknown = Reflect.get(page.screen, 'isExtended')
  return {
    secure: page.isSecureContext,
    missing,
    displaysExtended: typeof extended === 'boolean' ? extended : undefined,
  }
}

/** Which blocker the facts amount to; null when the browser will do. */
export function browserBlocker({ secure, missing }: BrowserFacts): Blocker | null {
  if (!secure) return 'insecure_context'
  if (missing.length === 0) return null
  return missing.every((capability) => capability === 'vp8' || capability === 'opus')
    ? 'codec_missing'
    : 'browser_too_old'
}
