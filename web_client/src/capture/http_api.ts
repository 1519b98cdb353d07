import { api, unwrap } from '@/api/client'
import { ProblemError } from '@/api/problem'
import type { SittingApi } from './contract'

/** An answer that takes longer will not come; pictures take the server longest, small print most of all. */
const ANSWER_LIMIT_MS = 20_000
const PHOTOGRAPH_LIMIT_MS = 45_000
const DOCUMENT_LIMIT_MS = 90_000

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

function limit(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }
}

function jpeg(picture: Blob, limitMs: number) {
  return {
    body: picture as unknown as string,
    bodySerializer: () => picture,
    headers: { 'Content-Type': 'image/jpeg' },
    signal: AbortSignal.timeout(limitMs),
  }
}

/** The server as this tab, known as `clientId`, sees it for one sitting. */
export function sittingApi(sittingId: string, clientId: string): SittingApi {
  const path = { sitting_id: sittingId }
  const body = { client_id: clientId }
  return {
    consentDocument: () => reached(unwrap(api.GET('/api/consent', limit()))),
    read: () => reached(unwrap(api.GET('/api/sittings/{sitting_id}/candidate', { params: { path }, ...limit() }))),
    claim: async (takeOver) => {
      await reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/claim', {
            params: { path },
            body: { ...body, take_over: takeOver },
            ...limit(),
          }),
        ),
      )
    },
    consent: (version, language, accepted) =>
      reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/consent', {
            params: { path },
            body: { ...body, version, language, accepted },
            ...limit(),
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
      reached(
        unwrap(api.GET('/api/sittings/{sitting_id}/legs/{leg}', { params: { path: { ...path, leg } }, ...limit() })),
      ),
    reportEquipment: (checks) =>
      reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/equipment', {
            params: { path },
            body: { ...body, checks: [...checks] },
            ...limit(),
          }),
        ),
      ),
    enrol: async (picture, further) => {
      await reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/enrolment', {
            params: { path, query: { ...body, further } },
            ...jpeg(picture, PHOTOGRAPH_LIMIT_MS),
          }),
        ),
      )
    },
    readDocument: (picture) =>
      reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/document', {
            params: { path, query: body },
            ...jpeg(picture, DOCUMENT_LIMIT_MS),
          }),
        ),
      ),
    leaveDocument: () =>
      reached(
        unwrap(api.POST('/api/sittings/{sitting_id}/document/left', { params: { path }, body, ...limit() })),
      ),
    start: () => reached(unwrap(api.POST('/api/sittings/{sitting_id}/start', { params: { path }, body, ...limit() }))),
    saveAnswer: (questionId, text) =>
      reached(
        unwrap(
          api.PUT('/api/sittings/{sitting_id}/answers/{question_id}', {
            params: { path: { ...path, question_id: questionId } },
            body: { ...body, text },
            ...limit(),
          }),
        ),
      ),
    finish: () =>
      reached(unwrap(api.POST('/api/sittings/{sitting_id}/finish', { params: { path }, body, ...limit() }))),
    beginCheck: (checkId, track) =>
      reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/checks/{check_id}/begin', {
            params: { path: { ...path, check_id: checkId } },
            body: { ...body, track },
            ...limit(),
          }),
        ),
      ),
    stopCheck: (checkId) =>
      reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/checks/{check_id}/stop', {
            params: { path: { ...path, check_id: checkId } },
            body,
            ...limit(),
          }),
        ),
      ),
    invitePhone: () =>
      reached(unwrap(api.POST('/api/sittings/{sitting_id}/phone', { params: { path }, body, ...limit() }))),
    sendPhoneAway: async () => {
      await reached(
        unwrap(api.DELETE('/api/sittings/{sitting_id}/phone', { params: { path, query: body }, ...limit() })),
      )
    },
    declineCheck: (checkId) =>
      reached(
        unwrap(
          api.POST('/api/sittings/{sitting_id}/checks/{check_id}/decline', {
            params: { path: { ...path, check_id: checkId } },
            body,
            ...limit(),
          }),
        ),
      ),
  }
}
