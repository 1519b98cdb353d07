import type { Language } from './contract'
import { Store, type Watched } from './store'

/** What makes hints heard in this browser. */
export type VoiceKind = 'voice' | 'tone'

export interface VoiceParts {
  readonly language: Language
  /** Missing in some browsers. */
  readonly synthesis: SpeechSynthesis | undefined
  readonly newAudio: () => AudioContext
}

const TONE_HZ = 520
const TONE_S = 0.18
/** Quiet: it says "look", nothing more. */
const TONE_GAIN = 0.06

/** A voice of the language that speaks without asking anybody outside; undefined where the computer has none. */
export function localVoice(
  voices: readonly SpeechSynthesisVoice[],
  language: Language,
): SpeechSynthesisVoice | undefined {
  return voices.find(({ lang, localService }) => localService && lang.toLowerCase().split(/[-_]/)[0] === language)
}

/** Says hints aloud with a voice of this computer, or sounds a soft tone where it has none for the language. */
export class HintVoice {
  readonly #parts: VoiceParts
  readonly #kind: Store<VoiceKind>
  readonly #end = new AbortController()
  #audio: AudioContext | undefined

  constructor(parts: VoiceParts) {
    this.#parts = parts
    this.#kind = new Store(this.#look())
    // Browsers tell their voices a moment after the page has loaded.
    parts.synthesis?.addEventListener('voiceschanged', () => this.#kind.set(this.#look()), { signal: this.#end.signal })
  }

  get kind(): Watched<VoiceKind> {
    return this.#kind
  }

  say(text: string): void {
    const { synthesis, language } = this.#parts
    const voice = localVoice(synthesis?.getVoices() ?? [], language)
    if (synthesis === undefined || voice === undefined) {
      this.#tone()
      return
    }
    synthesis.cancel()
    const utterance = new SpeechSynthesisUtterance(text)
    utterance.voice = voice
    utterance.lang = voice.lang
    synthesis.speak(utterance)
  }

  close(): void {
    this.#end.abort()
    this.#parts.synthesis?.cancel()
    void this.#audio?.close()
    this.#audio = undefined
  }

  #look(): VoiceKind {
    const { synthesis, language } = this.#parts
    return localVoice(synthesis?.getVoices() ?? [], language) === undefined ? 'tone' : 'voice'
  }

  #tone(): void {
    this.#audio ??= this.#parts.newAudio()
    const audio = this.#audio
    if (audio.state === 'suspended') void audio.resume()
    const oscillator = audio.createOscillator()
    const gain = audio.createGain()
    oscillator.frequency.value = TONE_HZ
    const now = audio.currentTime
    gain.gain.setValueAtTime(0, now)
    gain.gain.linearRampToValueAtTime(TONE_GAIN, now + TONE_S / 4)
    gain.gain.linearRampToValueAtTime(0, now + TONE_S)
    oscillator.connect(gain).connect(audio.destination)
    oscillator.start(now)
    oscillator.stop(now + TONE_S)
  }
}
