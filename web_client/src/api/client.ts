import createClient from 'openapi-fetch'
import { ProblemError, readProblem } from './problem'
import type { paths } from './schema'

/** Typed calls to the server; log-in travels in a cookie, `X-Proctor` shows that the call is the page's own. */
export const api = createClient<paths>({ headers: { 'X-Proctor': '1' } })

interface Answer<Data> {
  readonly data?: Data
  readonly error?: unknown
  readonly response: Response
}

/** The data of an answer, or a thrown `ProblemError`. */
export async function unwrap<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await call
  if (!response.ok) throw new ProblemError(readProblem(response.status, error))
  return data as Data
}

/** Address of a WebSocket endpoint beside the page's own address. */
export function socketUrl(path: string, location: Pick<Location, 'protocol' | 'host'> = window.location): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`
}
