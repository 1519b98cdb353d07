import { DeviceRefused, blockerOf } from './blockers'
import type { Detail, DetailValue, MediaPolicy, TrackName } from './contract'
import { Store, type Watched } from './store'

/** `muted`: the device is there, yet the system or a switch on it sends nothing. */
export type DeviceState = 'off' | 'opening' | 'live' | 'muted' | 'ended'
export type DeviceStates = Readonly<Record<TrackName, DeviceState>>

export interface DeviceChange {
  readonly track: TrackName
  readonly change: 'opened' | 'muted' | 'unmuted' | 'ended'
}

/** Which camera and microphone the person chose among several; undefined leaves it to the browser. */
export interface DeviceChoice {
  readonly cameraId?: string | undefined
  readonly microphoneId?: string | undefined
}

interface ScreenOptions extends DisplayMediaStreamOptions {
  readonly monitorTypeSurfaces: 'include'
  readonly selfBrowserSurface: 'exclude'
  readonly surfaceSwitching: 'exclude'
}

function cameraConstraints(policy: MediaPolicy, deviceId: string | undefined): MediaTrackConstraints {
  return {
    width: { ideal: policy.camera_width_px },
    height: { ideal: policy.camera_height_px },
    frameRate: { ideal: policy.camera_fps, max: Math.max(policy.camera_fps, 15) },
    ...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
  }
}

/** Sound as it is: processing would hide a second voice and falsify the level. */
function microphoneConstraints(deviceId: string | undefined): MediaTrackConstraints {
  return {
    autoGainControl: false,
    noiseSuppression: false,
    echoCancellation: false,
    channelCount: 1,
    ...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
  }
}

function screenOptions(policy: MediaPolicy): ScreenOptions {
  return {
    video: {
      displaySurface: 'monitor',
      width: { max: policy.screen_width_px },
      height: { max: policy.screen_height_px },
      frameRate: { max: policy.screen_fps },
    },
    audio: false,
    monitorTypeSurfaces: 'include',
    selfBrowserSurface: 'exclude',
    surfaceSwitching: 'exclude',
  }
}

const REPORTED_SETTINGS = [
  'width',
  'height',
  'frameRate',
  'displaySurface',
  'autoGainControl',
  'noiseSuppression',
  'echoCancellation',
  'channelCount',
  'sampleRate',
] as const

/** What the browser really set, as plain values. */
export function realSettings(track: MediaStreamTrack): Detail {
  const settings: Readonly<Record<string, unknown>> = { ...track.getSettings() }
  const detail: Record<string, DetailValue> = { label: track.label }
  for (const name of REPORTED_SETTINGS) {
    const value = settings[name]
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') detail[name] = value
  }
  return detail
}

const PROCESSING = ['autoGainControl', 'noiseSuppression', 'echoCancellation'] as const

/** What the browser really does to the sound of a microphone, whatever it was asked to do. */
export function soundProcessing(track: MediaStreamTrack): Detail {
  const real = realSettings(track)
  return Object.fromEntries(PROCESSING.flatMap((name) => (real[name] === undefined ? [] : [[name, real[name]]])))
}

const LONGEST_LABEL = 200

/** Which camera the pictures come from, by the name that the browser has for it. */
export function pictureSource(track: MediaStreamTrack): Detail {
  return { label: track.label.slice(0, LONGEST_LABEL) }
}

const ALL_OFF: DeviceStates = { camera: 'off', microphone: 'off', screen: 'off' }
const HINTS: Readonly<Record<TrackName, string>> = { camera: 'motion', screen: 'detail', microphone: 'speech' }

/** The candidate's camera, microphone and screen, opened once for the check and kept through the exam. */
export class CaptureDevices {
  readonly #media: MediaDevices
  readonly #policy: MediaPolicy
  readonly #states = new Store<DeviceStates>(ALL_OFF)
  readonly #tracks = new Map<TrackName, MediaStreamTrack>()
  readonly #release = new Map<TrackName, AbortController>()
  readonly #listeners = new Set<(change: DeviceChange) => void>()
  #asking = 0

  constructor(media: MediaDevices, policy: MediaPolicy) {
    this.#media = media
    this.#policy = policy
  }

  get states(): Watched<DeviceStates> {
    return this.#states
  }

  /** True while a permission or screen chooser of the browser is open: it takes the focus from the page. */
  get asking(): boolean {
    return this.#asking > 0
  }

  track(name: TrackName): MediaStreamTrack | undefined {
    return this.#tracks.get(name)
  }

  /** Opened and not ended; a muted device counts as held. */
  holds(name: TrackName): boolean {
    return this.#tracks.get(name)?.readyState === 'live'
  }

  onChange(listener: (change: DeviceChange) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /**
   * Open the wanted ones of camera and microphone, with one question to the person where possible.
   *
   * @throws DeviceRefused naming the device that is to blame.
   */
  async openCameraAndMicrophone(
    wanted: { readonly camera: boolean; readonly microphone: boolean },
    choice: DeviceChoice = {},
  ): Promise<void> {
    const video = wanted.camera ? cameraConstraints(this.#policy, choice.cameraId) : false
    const audio = wanted.microphone ? microphoneConstraints(choice.microphoneId) : false
    if (video !== false && audio !== false) {
      try {
        await this.#open({ video, audio })
        return
      } catch {
        // Which of the two is to blame shows when each is asked for alone.
      }
    }
    if (video !== false) await this.#openAlone('camera', { video })
    if (audio !== false) await this.#openAlone('microphone', { audio })
  }

  /**
   * Ask for the whole screen; must be called from a click.
   *
   * @throws DeviceRefused also when a window or a tab was chosen; nothing stays shared then.
   */
  async openScreen(): Promise<void> {
    this.#mark('screen', 'opening')
    let track: MediaStreamTrack | undefined
    try {
      const stream = await this.#ask(() => this.#media.getDisplayMedia(screenOptions(this.#policy)))
      track = stream.getVideoTracks()[0]
    } catch (error) {
      this.#mark('screen', this.holds('screen') ? 'live' : 'off')
      throw new DeviceRefused('screen', blockerOf('screen', error), error)
    }
    const surface = track?.getSettings().displaySurface
    if (track === undefined || surface === 'window' || surface === 'browser') {
      track?.stop()
      this.#mark('screen', this.holds('screen') ? 'live' : 'off')
      throw new DeviceRefused('screen', surface === 'window' ? 'screen_is_window' : 'screen_is_tab')
    }
    this.#keep('screen', track)
  }

  /** Cameras and microphones that are connected; names are empty until one of the kind was permitted. */
  async list(): Promise<readonly MediaDeviceInfo[]> {
    return this.#media.enumerateDevices()
  }

  stopAll(): void {
    for (const [name, track] of this.#tracks) {
      this.#release.get(name)?.abort()
      track.stop()
    }
    this.#tracks.clear()
    this.#release.clear()
    this.#states.set(ALL_OFF)
  }

  async #openAlone(name: 'camera' | 'microphone', constraints: MediaStreamConstraints): Promise<void> {
    try {
      await this.#open(constraints)
    } catch (error) {
      throw new DeviceRefused(name, blockerOf(name, error), error)
    }
  }

  async #open(constraints: MediaStreamConstraints): Promise<void> {
    const names: TrackName[] = []
    if (constraints.video !== undefined) names.push('camera')
    if (constraints.audio !== undefined) names.push('microphone')
    for (const name of names) this.#mark(name, 'opening')
    try {
      const stream = await this.#ask(() => this.#media.getUserMedia(constraints))
      const camera = stream.getVideoTracks()[0]
      const microphone = stream.getAudioTracks()[0]
      if (camera !== undefined) this.#keep('camera', camera)
      if (microphone !== undefined) this.#keep('microphone', microphone)
    } catch (error) {
      for (const name of names) this.#mark(name, this.holds(name) ? 'live' : 'off')
      throw error
    }
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    this.#asking += 1
    try {
      return await question()
    } finally {
      this.#asking -= 1
    }
  }

  #keep(name: TrackName, track: MediaStreamTrack): void {
    this.#release.get(name)?.abort()
    this.#tracks.get(name)?.stop()
    const release = new AbortController()
    this.#tracks.set(name, track)
    this.#release.set(name, release)
    track.contentHint = HINTS[name]
    const watch = (event: 'mute' | 'unmute' | 'ended', state: DeviceState, change: DeviceChange['change']): void => {
      track.addEventListener(
        event,
        () => {
          this.#mark(name, state)
          this.#announce({ track: name, change })
        },
        { signal: release.signal },
      )
    }
    watch('mute', 'muted', 'muted')
    watch('unmute', 'live', 'unmuted')
    watch('ended', 'ended', 'ended')
    this.#mark(name, track.muted ? 'muted' : 'live')
    this.#announce({ track: name, change: 'opened' })
  }

  #mark(name: TrackName, state: DeviceState): void {
    if (this.#states.get()[name] !== state) this.#states.patch({ [name]: state })
  }

  #announce(change: DeviceChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}
