import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'

/** Every check of a sitting, in the order in which they were asked for. */
export const checksQuery = (sittingId: string) =>
  queryOptions({
    queryKey: ['checks', sittingId],
    queryFn: () =>
      unwrap(api.GET('/api/sittings/{sitting_id}/checks', { params: { path: { sitting_id: sittingId } } })),
    // A sitting's summary tells when there is something new, and every view is logged.
    staleTime: Number.POSITIVE_INFINITY,
  })
