import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'
import type { RecordedTrack, Recording } from '@/api/types'

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

/** A track's address; `until_ms` fixes what a running sitting's recording holds, so that its size stays the same. */
export function trackUrl(track: RecordedTrack, recording: Recording): string {
  return recording.running ? `${track.url}?until_ms=${recording.duration_ms}` : track.url
}
