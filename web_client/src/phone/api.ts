import { api, unwrap } from '@/api/client'
import type { components } from '@/api/schema'
import type { LegAnswer } from '@/capture/contract'

type Schemas = components['schemas']

export type PhoneDoor = Schemas['PhoneDoor']
export type PhoneStatus = Schemas['PhoneStatus']

/** What a telephone shows in place of a log-in: the secret of the QR code, or the key that it got for it. */
export type PhonePass = { readonly secret: string } | { readonly phone_key: string }

/** The telephone's part of the HTTP API. Methods throw `ProblemError`, or what `fetch` throws. */
export interface PhoneApi {
  look(pass: PhonePass): Promise<PhoneDoor>
  openLeg(
    pass: PhonePass,
    offerSdp: string,
    mid: string,
    signal: AbortSignal,
  ): Promise<LegAnswer & { readonly phone_key: string }>
  status(key: string): Promise<PhoneStatus>
  leave(key: string): Promise<void>
}

const ANSWER_LIMIT_MS = 10_000

function limit(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }
}

export const phoneApi: PhoneApi = {
  look: (pass) => unwrap(api.POST('/api/phone/invitation', { body: pass, ...limit() })),
  openLeg: (pass, offerSdp, mid, signal) =>
    unwrap(api.POST('/api/phone/legs', { body: { ...pass, offer_sdp: offerSdp, mid }, signal })),
  status: (key) => unwrap(api.GET('/api/phone/check', { params: { header: { 'x-phone-key': key } }, ...limit() })),
  leave: async (key) => {
    await unwrap(api.POST('/api/phone/leave', { body: { phone_key: key }, ...limit() }))
  },
}
