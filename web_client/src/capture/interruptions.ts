import type { DeviceStates } from './capture_devices'
import type { RecordedTrack, TrackName } from './contract'
import type { ControlState } from './control_socket'
import type { PublisherState } from './publisher'

/** What stands between the candidate and an exam that is fully recorded; the most urgent first. */
export type Interruption =
  | 'refused'
  | 'screen'
  | 'camera'
  | 'microphone'
  | 'muted_camera'
  | 'muted_microphone'
  | 'muted_screen'
  | 'recording'
  | 'logged_out'
  | 'offline'
  | 'fullscreen'

export interface ExamConditions {
  readonly wanted: readonly TrackName[]
  readonly devices: DeviceStates
  readonly publisher: PublisherState
  readonly control: ControlState
  readonly recorded: readonly RecordedTrack[] | null
  /** The server does not know this browser any more. */
  readonly loggedOut: boolean
  /** Full screen is asked for and was left. */
  readonly fullscreenLeft: boolean
}

/** Whether a connection to the server is missing and being sought. */
export function isOffline(publisher: PublisherState, control: ControlState): boolean {
  return publisher.phase === 'connecting' || publisher.phase === 'reconnecting' || control === 'connecting'
}

export function interruptionsOf(conditions: ExamConditions): readonly Interruption[] {
  const { wanted, devices, publisher, control, recorded, loggedOut, fullscreenLeft } = conditions
  const found: Interruption[] = []
  if (publisher.phase === 'refused') found.push('refused')
  for (const track of ['screen', 'camera', 'microphone'] as const) {
    if (!wanted.includes(track)) continue
    if (devices[track] === 'off' || devices[track] === 'ended') found.push(track)
    if (devices[track] === 'muted') found.push(`muted_${track}`)
  }
  if (recorded?.some(({ failed }) => failed != null) === true) found.push('recording')
  if (isOffline(publisher, control)) found.push(loggedOut ? 'logged_out' : 'offline')
  if (fullscreenLeft) found.push('fullscreen')
  return found
}

/** The words about an interruption below its title; before the questions open, the exam's time does not run. */
export function wordsOf(interruption: Interruption, opening: boolean) {
  switch (interruption) {
    case 'screen':
      return ['interruption.screen_text', opening ? 'interruption.time_waits' : 'guided.time_runs'] as const
    case 'camera':
    case 'microphone':
      return ['interruption.device_text'] as const
    case 'muted_camera':
    case 'muted_microphone':
    case 'muted_screen':
      return ['interruption.muted_text'] as const
    default:
      return [`interruption.${interruption}_text`] as const
  }
}
