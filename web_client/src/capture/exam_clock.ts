import type { SittingForCandidate } from './contract'

/** The sitting's time as the server counts it, carried on by this browser's monotonic clock. */
export interface ExamClock {
  /** Milliseconds since the start. */
  elapsedMs(): number
  /** Milliseconds until the exam's time is over; never below 0. */
  remainingMs(): number
  /** The server's wall clock, in milliseconds since 1970, whatever this computer's clock says. */
  serverNowMs(): number
}

/**
 * Anchor the clock at an answer of the server that has just arrived.
 *
 * The answer's way back is not known and is neglected: it is far below the second that is displayed.
 */
export function examClock(sitting: SittingForCandidate, now: () => number = () => performance.now()): ExamClock {
  const anchor = now()
  const serverAtAnchor = Date.parse(sitting.server_now)
  const durationMs = sitting.exam.duration_minutes * 60_000
  const elapsedAtAnchor =
    sitting.elapsed_ms ??
    (sitting.started_at === null ? 0 : Math.max(0, serverAtAnchor - Date.parse(sitting.started_at)))
  const elapsedMs = (): number => elapsedAtAnchor + (now() - anchor)
  return {
    elapsedMs,
    remainingMs: () => Math.max(0, durationMs - elapsedMs()),
    serverNowMs: () => serverAtAnchor + (now() - anchor),
  }
}
