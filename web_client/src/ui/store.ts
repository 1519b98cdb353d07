import { useSyncExternalStore } from 'react'

/** Holds one immutable snapshot and tells listeners when it is replaced; view models extend it, React reads it. */
export class Store<Snapshot> {
  #snapshot: Snapshot
  readonly #listeners = new Set<() => void>()

  constructor(initial: Snapshot) {
    this.#snapshot = initial
  }

  get snapshot(): Snapshot {
    return this.#snapshot
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  protected publish(next: Snapshot): void {
    this.#snapshot = next
    for (const listener of this.#listeners) listener()
  }
}

export function useStore<Snapshot>(store: Store<Snapshot>): Snapshot {
  return useSyncExternalStore(store.subscribe, () => store.snapshot)
}
