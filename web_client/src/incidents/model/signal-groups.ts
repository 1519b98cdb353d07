import type { Signal } from '@/api/types'

export interface SignalGroup {
  readonly first: Signal
  /** The same rule again within the incident, in order of time. */
  readonly again: readonly Signal[]
}

/** Signals of one rule together, in order of their first onset. */
export function groupSignals(signals: readonly Signal[]): SignalGroup[] {
  const groups = new Map<string, Signal[]>()
  for (const signal of signals.toSorted((a, b) => a.start_ms - b.start_ms)) {
    const key = `${signal.kind} ${signal.detector}`
    groups.set(key, [...(groups.get(key) ?? []), signal])
  }
  return [...groups.values()].flatMap(([first, ...again]) => (first ? [{ first, again }] : []))
}
