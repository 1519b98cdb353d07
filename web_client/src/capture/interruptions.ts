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
  | 'offline'
  | 'fullscreen'

export interface ExamConditions {
  readonly wanted: readonly TrackName[]
  readonly devices: DeviceStates
  readonly publisher: PublisherState
  readonly control: ControlState
  readonly recorded: readonly RecordedTrack[] | null
  /** Full screen is asked for and was left. */
  readonly fullscreenLeft: boolean
}

export function interruptionsOf(conditions: ExamConditions): readonly Interruption[] {
  const { wanted, devices, publisher, control, recorded, fullscreenLeft } = conditions
  const found: Interruption[] = []
  if (publisher.phase === 'refused') found.push('refused')
  for (const track of ['screen', 'camera', 'microphone'] as const) {
    if (!wanted.includes(track)) continue
    if (devices[track] === 'off' || devices[track] === 'ended') found.push(track)
    if (devices[track] === 'muted') found.push(`muted_${track}`)
  }
  if (recorded?.some(({ failed }) => failed != null) === true) found.push('recording')
  if (publisher.phase === 'connecting' || publisher.phase === 'reconnecting' || control === 'connecting') {
    found.push('offline')
  }
  if (fullscreenLeft) found.push('fullscreen')
  return found
}
