import type { TrackName } from './contract'

/** Everything that can stand between a candidate and the start; each has a title and a remedy in the locales. */
export const BLOCKERS = [
  'insecure_context',
  'browser_too_old',
  'camera_refused',
  'camera_refused_by_system',
  'camera_missing',
  'camera_busy',
  'camera_unsuitable',
  'camera_failed',
  'camera_black',
  'camera_too_small',
  'microphone_refused',
  'microphone_refused_by_system',
  'microphone_missing',
  'microphone_busy',
  'microphone_unsuitable',
  'microphone_failed',
  'microphone_silent',
  'screen_refused',
  'screen_refused_by_system',
  'screen_missing',
  'screen_busy',
  'screen_unsuitable',
  'screen_failed',
  'screen_needs_click',
  'screen_is_window',
  'screen_is_tab',
  'codec_missing',
  'codec_not_used',
  'server_unreachable',
  'server_refused',
  'udp_blocked',
  'media_not_arriving',
  'loss_high',
] as const

export type Blocker = (typeof BLOCKERS)[number]

/** A device could not be opened; `blocker` names why, for a person. */
export class DeviceRefused extends Error {
  readonly device: TrackName
  readonly blocker: Blocker

  constructor(device: TrackName, blocker: Blocker, cause?: unknown) {
    super(`${device}: ${blocker}`, { cause })
    this.name = 'DeviceRefused'
    this.device = device
    this.blocker = blocker
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

/**
 * Which blocker an error of getUserMedia or getDisplayMedia stands for.
 *
 * Browsers tell a refusal by the operating system from one by the person only in the message.
 */
export function blockerOf(device: TrackName, error: unknown): Blocker {
  switch (nameOf(error)) {
    case 'NotAllowedError':
    case 'SecurityError':
      return error instanceof Error && /system/i.test(error.message)
        ? `${device}_refused_by_system`
        : `${device}_refused`
    case 'NotFoundError':
      return `${device}_missing`
    case 'NotReadableError':
      return `${device}_busy`
    case 'OverconstrainedError':
      return `${device}_unsuitable`
    case 'InvalidStateError':
      return device === 'screen' ? 'screen_needs_click' : `${device}_failed`
    default:
      return `${device}_failed`
  }
}
