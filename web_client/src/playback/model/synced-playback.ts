import { Store } from '@/ui/store'

/** The part of an HTML media element that playback needs; its time is the sitting's time in seconds. */
export interface MediaLike {
  currentTime: number
  playbackRate: number
  readonly paused: boolean
  readonly ended: boolean
  readonly readyState: number
  readonly seeking: boolean
  readonly error: unknown
  play(): Promise<void>
  pause(): void
}

export interface PlaybackSnapshot {
  readonly timeMs: number
  readonly playing: boolean
  /** True while the track that leads waits for data. */
  readonly waiting: boolean
  readonly rate: number
}

const ENOUGH_DATA = 3
/** Drift is closed by running slightly faster or slower from the first of these on, by a jump from the second on. */
const NUDGE_S = 0.05
const JUMP_S = 0.4
const NUDGE = 0.05

interface Attached {
  readonly media: MediaLike
  /** Where the track's recording begins; a browser shows nothing of it before, and will not go there. */
  readonly startMs: number
}

/**
 * Plays several recorded tracks in step. The first track that can still play leads; the others follow its clock, wait
 * with it when it waits, and stand at their beginning until the clock comes there. `tick` is called a few times a
 * second.
 */
export class SyncedPlayback extends Store<PlaybackSnapshot> {
  readonly #tracks = new Map<string, Attached>()
  #durationMs: number

  constructor(durationMs: number, startMs = 0) {
    super({ timeMs: startMs, playing: false, waiting: false, rate: 1 })
    this.#durationMs = durationMs
  }

  /** Adds a track's element; tracks added first lead first. */
  attach(name: string, media: MediaLike, startMs = 0): void {
    const track = { media, startMs }
    this.#tracks.set(name, track)
    media.currentTime = this.snapshot.timeMs / 1000
    media.playbackRate = this.snapshot.rate
    if (this.snapshot.playing && this.#hasBegun(track)) this.#start(media)
  }

  detach(name: string): void {
    this.#tracks.get(name)?.media.pause()
    this.#tracks.delete(name)
  }

  /** A running sitting's recording grows. */
  extend(durationMs: number): void {
    this.#durationMs = Math.max(this.#durationMs, durationMs)
  }

  play(): void {
    if (this.snapshot.timeMs >= this.#durationMs) this.seek(0)
    this.#set({ playing: true })
    for (const track of this.#tracks.values()) if (this.#hasBegun(track)) this.#start(track.media)
  }

  pause(): void {
    this.#set({ playing: false, waiting: false })
    for (const { media } of this.#tracks.values()) media.pause()
  }

  toggle(): void {
    if (this.snapshot.playing) this.pause()
    else this.play()
  }

  seek(ms: number): void {
    const timeMs = Math.min(this.#durationMs, Math.max(0, ms))
    for (const { media } of this.#tracks.values()) media.currentTime = timeMs / 1000
    this.#set({ timeMs })
  }

  playFrom(ms: number): void {
    this.seek(ms)
    this.play()
  }

  step(ms: number): void {
    this.seek(this.snapshot.timeMs + ms)
  }

  setRate(rate: number): void {
    for (const { media } of this.#tracks.values()) media.playbackRate = rate
    this.#set({ rate })
  }

  tick(): void {
    const leader = this.#leader()?.media
    if (!leader || leader.seeking) return
    const timeMs = Math.min(this.#durationMs, Math.round(leader.currentTime * 1000))
    const waiting = this.snapshot.playing && leader.readyState < ENOUGH_DATA
    for (const track of this.#tracks.values()) if (track.media !== leader) this.#follow(track, leader, waiting)
    if (this.snapshot.playing && !waiting && leader.paused && !leader.ended) this.#start(leader)
    if (this.snapshot.playing && (timeMs >= this.#durationMs || this.#allEnded())) {
      this.#set({ timeMs, playing: false, waiting: false })
      for (const { media } of this.#tracks.values()) media.pause()
      return
    }
    if (timeMs !== this.snapshot.timeMs || waiting !== this.snapshot.waiting) this.#set({ timeMs, waiting })
  }

  /** The first pictures of a sitting's tracks come within moments of each other; they begin together. */
  #hasBegun({ startMs }: Attached, timeMs = this.snapshot.timeMs): boolean {
    return startMs <= timeMs + JUMP_S * 1000
  }

  /** The first track that can still play; before any has begun, the one that begins first. */
  #leader(): Attached | undefined {
    const usable = [...this.#tracks.values()].filter(({ media }) => !media.error)
    const playable = usable.filter(({ media }) => !media.ended)
    const [earliest] = playable.toSorted((a, b) => a.startMs - b.startMs)
    return playable.find((track) => this.#hasBegun(track)) ?? earliest ?? usable[0]
  }

  #allEnded(): boolean {
    return [...this.#tracks.values()].every(({ media }) => media.ended || Boolean(media.error))
  }

  #follow(track: Attached, leader: MediaLike, waiting: boolean): void {
    const { media } = track
    if (media.error || media.ended || media.seeking) return
    if (!this.#hasBegun(track, leader.currentTime * 1000)) {
      if (!media.paused) media.pause()
      return
    }
    if (waiting || !this.snapshot.playing) {
      if (!media.paused) media.pause()
    } else if (media.paused) this.#start(media)
    const drift = media.currentTime - leader.currentTime
    const { rate } = this.snapshot
    if (Math.abs(drift) > JUMP_S) media.currentTime = leader.currentTime
    const wanted = Math.abs(drift) > NUDGE_S ? rate * (drift > 0 ? 1 - NUDGE : 1 + NUDGE) : rate
    if (media.playbackRate !== wanted) media.playbackRate = wanted
  }

  #start(media: MediaLike): void {
    // Refused when the page goes away or a pause comes first; the next tick starts it again if it should play.
    media.play().catch(() => undefined)
  }

  #set(change: Partial<PlaybackSnapshot>): void {
    this.publish({ ...this.snapshot, ...change })
  }
}
