import { Store, type Watched } from './store'

export interface SoundLevel {
  /** RMS of the last tenth of a second in dBFS; -100 for digital silence. */
  readonly nowDbfs: number
  /** Highest so far. */
  readonly peakDbfs: number
}

const SILENCE_DBFS = -100
const INTERVAL_MS = 100

/** RMS level of samples between -1 and 1, in dBFS, where an RMS of 1 is 0. */
export function levelDbfs(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const rms = samples.length === 0 ? 0 : Math.sqrt(sum / samples.length)
  return rms > 1e-5 ? Math.max(SILENCE_DBFS, 20 * Math.log10(rms)) : SILENCE_DBFS
}

/** Where a level stands on a meter from 0 (-60 dBFS and less) to 1 (full scale). */
export function meterPosition(dbfs: number): number {
  return Math.min(1, Math.max(0, (dbfs + 60) / 60))
}

/** Measures a microphone while the equipment check shows its meter. */
export class LevelMeter {
  readonly #context: AudioContext
  readonly #source: MediaStreamAudioSourceNode
  readonly #timer: ReturnType<typeof setInterval>
  readonly #level = new Store<SoundLevel>({ nowDbfs: SILENCE_DBFS, peakDbfs: SILENCE_DBFS })

  constructor(track: MediaStreamTrack) {
    this.#context = new AudioContext()
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]))
    const analyser = this.#context.createAnalyser()
    analyser.fftSize = 4096
    this.#source.connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    this.#timer = setInterval(() => {
      if (this.#context.state === 'suspended') void this.#context.resume()
      analyser.getFloatTimeDomainData(samples)
      const nowDbfs = levelDbfs(samples)
      this.#level.set({ nowDbfs, peakDbfs: Math.max(nowDbfs, this.#level.get().peakDbfs) })
    }, INTERVAL_MS)
  }

  get level(): Watched<SoundLevel> {
    return this.#level
  }

  close(): void {
    clearInterval(this.#timer)
    this.#source.disconnect()
    void this.#context.close()
  }
}
