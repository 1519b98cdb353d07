import { describe, expect, it, vi } from 'vitest'
import { type Locks, tabIdentity } from './tab_identity'
import { MemoryStorage } from './testing/memory_storage'

/** Locks of one browser: a name that is held is given to nobody else. */
class OneBrowser implements Locks {
  readonly #held = new Set<string>()

  request(name: string, options: { signal: AbortSignal }, held: () => Promise<void>): Promise<unknown> {
    if (!this.#held.has(name)) {
      this.#held.add(name)
      return held()
    }
    return new Promise((_resolve, reject) => {
      options.signal.addEventListener('abort', () => {
        reject(new Error('AbortError'))
      })
    })
  }

  release(name: string): void {
    this.#held.delete(name)
  }
}

function ids() {
  let count = 0
  return () => `id-${(count += 1)}`
}

describe('tabIdentity', () => {
  it('survives a reload', async () => {
    const [storage, locks, newId] = [new MemoryStorage(), new OneBrowser(), ids()]
    const first = await tabIdentity(storage, locks, newId)
    locks.release(`proctor.client.${first}`)
    expect(await tabIdentity(storage, locks, newId)).toBe(first)
  })

  it('gives a copied tab an id of its own', async () => {
    const [storage, locks, newId] = [new MemoryStorage(), new OneBrowser(), ids()]
    const signal = new AbortController()
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
      setTimeout(() => {
        signal.abort()
      }, 0)
      return signal.signal
    })
    const original = await tabIdentity(storage, locks, newId)
    expect(await tabIdentity(storage, locks, newId)).not.toBe(original)
    vi.restoreAllMocks()
  })

  it('works without locks', async () => {
    const storage = new MemoryStorage()
    expect(await tabIdentity(storage, undefined, ids())).toBe('id-1')
    expect(await tabIdentity(storage, undefined, ids())).toBe('id-1')
  })
})
