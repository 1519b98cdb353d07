import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'
import type { TimelineEntry } from '@/api/types'

const PAGE = 1_000

export const finishedQuery = queryOptions({
  queryKey: ['sittings', 'finished'],
  queryFn: () => unwrap(api.GET('/api/sittings', { params: { query: { state: 'finished' } } })),
})

const at = (sitting_id: string) => ({ params: { path: { sitting_id } } })

export const sittingQuery = (sittingId: string) =>
  queryOptions({
    queryKey: ['sitting', sittingId],
    queryFn: () => unwrap(api.GET('/api/sittings/{sitting_id}', at(sittingId))),
  })

export const incidentsQuery = (sittingId: string) =>
  queryOptions({
    queryKey: ['incidents', sittingId],
    queryFn: () => unwrap(api.GET('/api/sittings/{sitting_id}/incidents', at(sittingId))),
  })

export const verificationQuery = (sittingId: string) =>
  queryOptions({
    queryKey: ['verification', sittingId],
    queryFn: () => unwrap(api.GET('/api/sittings/{sitting_id}/timeline/verify', at(sittingId))),
    staleTime: Number.POSITIVE_INFINITY,
  })

async function fetchTimeline(sittingId: string): Promise<TimelineEntry[]> {
  const entries: TimelineEntry[] = []
  let after: number | null = 0
  while (after !== null) {
    const params: { path: { sitting_id: string }; query: { after_seq: number; limit: number } } = {
      path: { sitting_id: sittingId },
      query: { after_seq: after, limit: PAGE },
    }
    // Each page says where the next begins.
    // oxlint-disable-next-line no-await-in-loop
    const page = await unwrap(api.GET('/api/sittings/{sitting_id}/timeline', { params }))
    entries.push(...page.entries)
    after = page.next_after_seq
  }
  return entries
}

export const timelineQuery = (sittingId: string) =>
  queryOptions({
    queryKey: ['timeline', sittingId],
    queryFn: () => fetchTimeline(sittingId),
    staleTime: Number.POSITIVE_INFINITY,
  })
