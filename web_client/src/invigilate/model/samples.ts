import type { Incident, SittingSummary } from '@/api/types'

/** Sample records for the tests of this folder. */
export function sampleSitting(change: Partial<SittingSummary> = {}, reason: 'high' | 'medium' | 'low' | 'none' = 'none', rank = 0): SittingSummary {
  return {
    sitting_id: 's1',
    candidate: { account_id: 'a1', name: 'Айгерім', email: 'a@example.kz' },
    exam_title: { kk: 'Тарих', ru: 'История', en: 'History' },
    state: 'running',
    started_at: '2026-05-04T09:00:00Z',
    finished_at: null,
    elapsed_ms: 60_000,
    connection: 'ok',
    attention: {
      rank,
      reason,
      open_incidents: 0,
      unreviewed: reason === 'none' ? 0 : 1,
      folded: 0,
      novelty: 0,
      last_incident_ms: null,
    },
    last_kinds: [],
    tracks: [],
    thumbnail_url: null,
    check: null,
    phone_joined: false,
    ...change,
  }
}

export function sampleIncident(change: Partial<Incident> = {}): Incident {
  return {
    incident_id: 'i1',
    sitting_id: 's1',
    kinds: ['speech'],
    start_ms: 12_000,
    end_ms: null,
    severity: 'medium',
    folded: false,
    picture_url: null,
    review: 'unreviewed',
    reviewed_by: null,
    reviewed_at: null,
    note: null,
    undo_until: null,
    signals: [],
    ...change,
  }
}
