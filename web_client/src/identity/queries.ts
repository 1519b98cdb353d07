import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'

/** What the candidate's identity document gave; every view is logged, so it is fetched once a page. */
export const documentQuery = (sittingId: string) =>
  queryOptions({
    queryKey: ['document', sittingId],
    queryFn: () =>
      unwrap(api.GET('/api/sittings/{sitting_id}/document', { params: { path: { sitting_id: sittingId } } })),
    staleTime: Number.POSITIVE_INFINITY,
  })
