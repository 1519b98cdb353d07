import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'

/** A running sitting's tracks come with addresses that fix how far they go, so that their size stays the same. */
export function recordingQuery(sittingId: string) {
  return queryOptions({
    queryKey: ['recording', sittingId],
    queryFn: () =>
      unwrap(api.GET('/api/sittings/{sitting_id}/recording', { params: { path: { sitting_id: sittingId } } })),
  })
}

export function useRecording(sittingId: string) {
  return useQuery(recordingQuery(sittingId))
}
