import type { KeptStorage } from '../client_events'

/** A browser's storage that lives as long as a test, and can be full. */
export class MemoryStorage implements KeptStorage {
  readonly #items = new Map<string, string>()
  full = false

  get length(): number {
    return this.#items.size
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null
  }

  setItem(key: string, value: string): void {
    if (this.full) throw new Error('QuotaExceededError')
    this.#items.set(key, value)
  }

  removeItem(key: string): void {
    this.#items.delete(key)
  }
}
