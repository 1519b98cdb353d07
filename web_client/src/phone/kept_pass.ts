/** What this telephone was invited by, and what it got for it; kept so that a reload or a second scan goes on. */
export interface KeptPass {
  readonly secret: string
  readonly key: string | null
}

const KEPT_AS = 'proctor.phone'
const SECRET = /^[A-Za-z0-9_-]{43}$/

function asPass(value: string | null): KeptPass | null {
  if (value === null) return null
  const [secret = '', key = ''] = value.split('.')
  return SECRET.test(secret) ? { secret, key: SECRET.test(key) ? key : null } : null
}

/** The secret of a page's address; null when it has none. */
export function secretOf(fragment: string): string | null {
  const secret = fragment.replace(/^#/, '')
  return SECRET.test(secret) ? secret : null
}

/**
 * The pass of the page's address, or else the one that is kept; null when there is neither.
 *
 * The same code scanned again finds the key that this telephone got for it, for the secret itself is used up.
 */
export function passOf(fragment: string, storage: Pick<Storage, 'getItem'>): KeptPass | null {
  const kept = asPass(storage.getItem(KEPT_AS))
  const secret = secretOf(fragment)
  if (secret === null) return kept
  return kept?.secret === secret ? kept : { secret, key: null }
}

export function keepPass({ secret, key }: KeptPass, storage: Pick<Storage, 'setItem'>): void {
  storage.setItem(KEPT_AS, key === null ? secret : `${secret}.${key}`)
}

export function forgetPass(storage: Pick<Storage, 'removeItem'>): void {
  storage.removeItem(KEPT_AS)
}
