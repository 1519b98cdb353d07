import { api, unwrap } from '@/api/client'
import { ProblemError } from '@/api/problem'
import type { SittingApi } from './contract'

const UNREACHABLE = {
  status: 0,
  code: 'unreachable',
  title: 'The server did not answer.',
  detail: undefined,
  remedy: undefined,
  fields: [],
}

/** A call that got no answer becomes a problem like any other. */
async function reached<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw error instanceof ProblemError ? error : new ProblemError(UNREACHABLE)
  }
}

/** The server as this tab, known as `clientId`, sees it for one sitting. */
export function sittingApi(sittingId: string, clientId: string): SittingApi {
  const path = { sitting_id: sittingId }
  const body = { client_id: clientId }
  return {
    consentDocument: () => reached(unwrap(api.GET('/api/consent'))),
    read: () => reached(unwrap(api.GET('/api/sittings/{sitting_id}/candidate', { params: { path } }))),
    claim: async (takeOver) => {
      await reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/claim', { params: { path }, body: { ...body, take_over: takeOver } }),
        ),
      )
    },
    consent: (version, language, accepted) =>
      reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/consent', {
            params: { path },
            body: { ...body, version, language, accepted },
          }),
        ),
      ),
    openLeg: (offerSdp, tracks, signal) =>
      reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/legs', {
            params: { path },
            body: { ...body, offer_sdp: offerSdp, tracks: [...tracks] },
            signal,
          }),
        ),
      ),
    receivedLeg: (leg) =>
      reached(unwrap(api.GET('/api/sittings/{sitting_id}/legs/{leg}', { params: { path: { ...path, leg } } }))),
    reportEquipment: (checks) =>
      reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/equipment', {
            params: { path },
            body: { ...body, checks: [...checks] },
          }),
        ),
      ),
    enrol: async (picture) => {
      await reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/enrolment', {
            params: { path, query: body },
            body: picture as unknown as string,
            bodySerializer: () => picture,
            headers: { 'Content-Type': 'image/jpeg' },
          }),
        ),
      )
    },
    start: () => reached(unwrap(api.POST('/api/sittings/{sitting_id}/start', { params: { path }, body }))),
    saveAnswer: (questionId, text) =>
      reached(
        unwrap(
          api.PUT('/api/sittings/{sitting_id}/answers/{question_id}', {
            params: { path: { ...path, question_id: questionId } },
            body: { ...body, text },
          }),
        ),
      ),
    finish: () => reached(unwrap(api.POST('/api/sittings/{sitting_id}/finish', { params: { path }, body }))),
  }
}
