import type { CheckProgress } from './contract'

/** What the person who turns the camera is told. */
export type Hint = CheckProgress['hints'][number]

export interface Paced {
  /** What the page shows now. */
  readonly hint: Hint | null
  readonly shownAtMs: number
  /** The latest hint that is to be heard; `count` tells two alike apart. */
  readonly said: { readonly hint: Hint; readonly count: number } | null
  readonly saidAtMs: Readonly<Partial<Record<Hint, number>>>
}

export const SILENT: Paced = { hint: null, shownAtMs: 0, said: null, saidAtMs: {} }

/** A hint stays this long, so that it can be read. */
const HOLD_MS = 1_200
/** The same advice is heard again only after this long. */
const REPEAT_MS = 8_000
/** "Go on" is no news. */
const REPEAT_GOING_ON_MS = 20_000

/** What to show and say after the server's latest hints, the most pressing first: they come faster than people read. */
export function pace(paced: Paced, hints: readonly Hint[], nowMs: number): Paced {
  const [first] = hints
  if (first === undefined) return paced
  const held = paced.hint !== null && first !== paced.hint && first !== 'complete'
  if (held && nowMs - paced.shownAtMs < HOLD_MS) return paced
  const shown = first === paced.hint ? paced : { ...paced, hint: first, shownAtMs: nowMs }
  const last = paced.saidAtMs[first]
  const pause = first === 'keep_turning' ? REPEAT_GOING_ON_MS : REPEAT_MS
  if (last !== undefined && (first === 'complete' || nowMs - last < pause)) return shown
  return {
    ...shown,
    said: { hint: first, count: (paced.said?.count ?? 0) + 1 },
    saidAtMs: { ...paced.saidAtMs, [first]: nowMs },
  }
}
