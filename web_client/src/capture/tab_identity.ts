/** Part of the Web Locks API that is needed. */
export interface Locks {
  request(name: string, options: { readonly signal: AbortSignal }, held: () => Promise<void>): Promise<unknown>
}

const KEPT_AS = 'proctor.client'
/** A page that is being reloaded lets go of its lock within this time. */
const RELOAD_LIMIT_MS = 1_000

function holdForever(locks: Locks, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    locks
      .request(name, { signal: AbortSignal.timeout(RELOAD_LIMIT_MS) }, () => {
        resolve(true)
        return new Promise<void>(() => undefined)
      })
      .catch(() => {
        resolve(false)
      })
  })
}

/**
 * The id by which the server knows this tab. It survives a reload, and a copied tab gets one of its own.
 *
 * A browser copies the tab's storage with the tab; the lock tells the copy from the reloaded original.
 */
export async function tabIdentity(
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  locks: Locks | undefined,
  newId: () => string,
): Promise<string> {
  const kept = storage.getItem(KEPT_AS)
  if (kept !== null && (locks === undefined || (await holdForever(locks, `${KEPT_AS}.${kept}`)))) return kept
  const id = newId()
  storage.setItem(KEPT_AS, id)
  if (locks !== undefined) await holdForever(locks, `${KEPT_AS}.${id}`)
  return id
}

let identity: Promise<string> | undefined

/** The identity of the tab that this page runs in; asked for once, as the lock is held until the page goes. */
export function thisTab(): Promise<string> {
  const { locks }: { readonly locks?: Locks } = navigator
  identity ??= tabIdentity(sessionStorage, locks, () => crypto.randomUUID())
  return identity
}
