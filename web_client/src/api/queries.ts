import { MutationCache, QueryCache, QueryClient, queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'
import { ProblemError } from './problem'
import type { Me } from './types'

/** A refused call is not repeated; one that did not arrive is, twice. */
function shouldRetry(failures: number, error: Error): boolean {
  return !(error instanceof ProblemError && error.problem.status < 500) && failures < 2
}

/** A log-in that ended (by time, or by an administrator) is noticed at the first refused call. */
function forgetEndedLogIn(error: Error): void {
  if (error instanceof ProblemError && error.problem.code === 'not_logged_in')
    queryClient.setQueryData(meQuery.queryKey, null)
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: forgetEndedLogIn }),
  mutationCache: new MutationCache({ onError: forgetEndedLogIn }),
  defaultOptions: { queries: { retry: shouldRetry, staleTime: 5_000, refetchOnWindowFocus: false } },
})

export const configQuery = queryOptions({
  queryKey: ['config'],
  queryFn: () => unwrap(api.GET('/api/config')),
  staleTime: Number.POSITIVE_INFINITY,
})

async function fetchMe(): Promise<Me | null> {
  try {
    return await unwrap(api.GET('/api/me'))
  } catch (error) {
    if (error instanceof ProblemError && error.problem.status === 401) return null
    throw error
  }
}

/** Who is logged in; null when nobody is. */
export const meQuery = queryOptions({ queryKey: ['me'], queryFn: fetchMe, staleTime: 60_000 })
