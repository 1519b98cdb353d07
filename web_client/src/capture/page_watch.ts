import { type CaptureDevices, type DeviceChange, pictureSource, soundProcessing } from './capture_devices'
import type { ClientEventKind, Detail } from './contract'

type Recorder = (kind: ClientEventKind, detail?: Detail) => void

/** `screen.isExtended`: whether the desktop spans several displays; not in every browser. */
interface ScreenWithDisplays extends Screen, EventTarget {
  readonly isExtended?: boolean
}

export interface PageWatchParts {
  readonly window: Window
  readonly devices: CaptureDevices
  readonly record: Recorder
  readonly wantsFullscreen: boolean
}

const FOCUS_INTERVAL_MS = 500

/**
 * Decides when focus was really lost.
 *
 * `document.hasFocus()` stays true while the focus is inside a frame of the page, and no event tells when it leaves
 * from there, hence the polling. The browser's own choosers that this page opened do not count.
 */
export class FocusWatch {
  #focused: boolean
  readonly #record: Recorder

  constructor(focused: boolean, record: Recorder) {
    this.#focused = focused
    this.#record = record
  }

  look(focused: boolean, ownChooserOpen: boolean): void {
    if (focused === this.#focused || (!focused && ownChooserOpen)) return
    this.#focused = focused
    this.#record(focused ? 'focus_gained' : 'focus_lost')
  }
}

/** What a clipboard event may tell: its length and place, never its text. */
export function clipboardDetail(kind: 'copy' | 'cut' | 'paste', text: string, target: EventTarget | null): Detail {
  const inAnswer = target !== null && 'tagName' in target && target.tagName === 'TEXTAREA'
  return { length: text.length, place: inAnswer ? 'answer' : 'page', action: kind }
}

function selectedText(page: Document, target: EventTarget | null): string {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) {
    return target.value.slice(target.selectionStart ?? 0, target.selectionEnd ?? 0)
  }
  return page.getSelection()?.toString() ?? ''
}

function watchFocus({ window, devices, record }: PageWatchParts, signal: AbortSignal): void {
  const focus = new FocusWatch(true, record)
  const look = (): void => {
    focus.look(window.document.hasFocus(), devices.asking)
  }
  // A frame of the page takes the focus with a blur of the window first; hasFocus is right a moment later.
  const lookSoon = (): void => {
    setTimeout(look, 50)
  }
  window.addEventListener('focus', look, { signal })
  window.addEventListener('blur', lookSoon, { signal })
  const timer = setInterval(look, FOCUS_INTERVAL_MS)
  signal.addEventListener('abort', () => {
    clearInterval(timer)
  })
  look()
}

function watchVisibility({ window, record }: PageWatchParts, signal: AbortSignal): void {
  const page = window.document
  page.addEventListener(
    'visibilitychange',
    () => {
      record(page.visibilityState === 'hidden' ? 'tab_hidden' : 'tab_visible')
    },
    { signal },
  )
  window.addEventListener(
    'pagehide',
    () => {
      record('page_closing')
    },
    { signal },
  )
}

function watchFullscreen({ window, record, wantsFullscreen }: PageWatchParts, signal: AbortSignal): void {
  if (!wantsFullscreen) return
  const page = window.document
  const tell = (): void => {
    record(page.fullscreenElement === null ? 'fullscreen_left' : 'fullscreen_entered')
  }
  // A reload leaves full screen without an event, and a browser may have declined it.
  tell()
  page.addEventListener('fullscreenchange', tell, { signal })
}

function watchClipboard({ window, record }: PageWatchParts, signal: AbortSignal): void {
  const page = window.document
  const on = (action: 'copy' | 'cut' | 'paste', textOf: (event: ClipboardEvent) => string): void => {
    page.addEventListener(
      action,
      (event) => {
        record(`clipboard_${action}`, clipboardDetail(action, textOf(event), event.target))
      },
      { signal, capture: true },
    )
  }
  on('copy', (event) => selectedText(page, event.target))
  on('cut', (event) => selectedText(page, event.target))
  on('paste', (event) => event.clipboardData?.getData('text/plain') ?? '')
}

function watchDisplays({ window, record }: PageWatchParts, signal: AbortSignal): void {
  const screen = window.screen as ScreenWithDisplays
  if (screen.isExtended === undefined) return
  const tell = (): void => {
    record('displays_changed', { extended: screen.isExtended === true })
  }
  if (screen.isExtended) tell()
  screen.addEventListener('change', tell, { signal })
}

/** Changes of devices, which camera is in use, and what the browser really does to the microphone's sound. */
export function watchDevices(
  { window, devices, record }: Pick<PageWatchParts, 'window' | 'devices' | 'record'>,
  signal: AbortSignal,
): void {
  const count = async (): Promise<void> => {
    const list = await devices.list()
    const of = (kind: MediaDeviceKind): number => list.filter((device) => device.kind === kind).length
    record('devices_changed', { cameras: of('videoinput'), microphones: of('audioinput'), speakers: of('audiooutput') })
  }
  window.navigator.mediaDevices.addEventListener('devicechange', () => void count(), { signal })
  const tellMicrophone = (): void => {
    const track = devices.track('microphone')
    if (track !== undefined) record('devices_changed', { track: 'microphone', ...soundProcessing(track) })
  }
  const tellCamera = (): void => {
    const track = devices.track('camera')
    if (track !== undefined) record('devices_changed', { track: 'camera', ...pictureSource(track) })
  }
  tellCamera()
  tellMicrophone()
  if (devices.states.get().microphone === 'muted') record('track_muted', { track: 'microphone' })
  const unsubscribe = devices.onChange((change) => {
    if (change.track === 'camera' && change.change === 'opened') tellCamera()
    if (change.track === 'microphone' && change.change === 'opened') tellMicrophone()
    for (const kind of eventsOfDevice(change)) record(kind, { track: change.track })
  })
  signal.addEventListener('abort', unsubscribe)
}

/** The events that a change of a device stands for; sharing of the screen has names of its own. */
export function eventsOfDevice({ track, change }: DeviceChange): readonly ClientEventKind[] {
  switch (change) {
    case 'opened':
      return track === 'screen' ? ['screen_share_started'] : []
    case 'muted':
      return ['track_muted']
    case 'unmuted':
      return ['track_unmuted']
    case 'ended':
      return track === 'screen' ? ['screen_share_stopped'] : ['track_ended']
  }
}

/** Record what happens around the exam until the returned function is called. */
export function watchPage(parts: PageWatchParts): () => void {
  const end = new AbortController()
  watchFocus(parts, end.signal)
  watchVisibility(parts, end.signal)
  watchFullscreen(parts, end.signal)
  watchClipboard(parts, end.signal)
  watchDisplays(parts, end.signal)
  watchDevices(parts, end.signal)
  return () => {
    end.abort()
  }
}
