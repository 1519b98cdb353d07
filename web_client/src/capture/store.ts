/** A value that others can watch. Fits React's `useSyncExternalStore` without knowing React. */
export interface Watched<T> {
  /** The present value; the same object until it changes. */
  get(): T
  /** Calls `listener` after every change; the returned function ends that. */
  subscribe(listener: () => void): () => void
}

/** A watched value with its one writer. */
export class Store<T> implements Watched<T> {
  #value: T
  readonly #listeners = new Set<() => void>()

  constructor(initial: T) {
    this.#value = initial
  }

  readonly get = (): T => this.#value

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const listener of this.#listeners) listener()
  }

  /** Replace the named fields only. */
  patch(fields: Partial<T>): void {
    this.set({ ...this.#value, ...fields })
  }
}
