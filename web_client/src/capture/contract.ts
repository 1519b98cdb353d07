/** What the candidate's page knows of the server: names of its schemas, and the port through which it speaks. */
import type { components } from '@/api/schema'

type Schemas = components['schemas']

export type SittingForCandidate = Schemas['SittingForCandidate']
export type SittingState = Schemas['SittingState']
export type MediaPolicy = SittingForCandidate['media']
export type Question = SittingForCandidate['exam']['questions'][number]
export type ConsentDocument = Schemas['Consent']
export type InvigilatorMessage = SittingForCandidate['messages'][number]
export type IceServer = Schemas['IceServer']
export type LegAnswer = Schemas['LegAnswer']
export type ReceivedLeg = Schemas['LegView']
export type ReceivedTrack = ReceivedLeg['tracks'][number]
export type CheckReport = Schemas['EquipmentCheck']
export type CheckName = CheckReport['check']
export type Detail = NonNullable<ReportedEvent['detail']>
export type DetailValue = Detail[string]
export type Language = Schemas['Language']
export type ClientEventKind = Schemas['ClientEventKind']
export type ReportedEvent = Schemas['ReportedEvent']
export type FromServer = Schemas['ControlFromServer']
export type ToServer = Schemas['ControlFromClient']
export type RecordedTrack = Schemas['RecordingMessage']['tracks'][number]

export type DocumentOutcome = Schemas['DocumentOutcome']

export type CheckView = Schemas['CheckView']
export type CheckOutcome = NonNullable<CheckView['outcome']>
export type RoomScanFound = Schemas['RoomScanFound']
export type CheckMessage = Schemas['CheckMessage']
export type CheckProgress = Schemas['CheckProgressMessage']

export type PhoneInvitation = Schemas['PhoneInvitation']

/** With which camera a check is done. */
export type CheckTrack = NonNullable<CheckView['track']>

export type TrackName = 'camera' | 'screen' | 'microphone'

/** Which media section carries which track. */
export interface TrackPlace {
  readonly mid: string
  readonly track: TrackName
}

/** The candidate's part of the HTTP API for one sitting in one tab. Every method throws `ProblemError` only. */
export interface SittingApi {
  consentDocument(): Promise<ConsentDocument>
  read(): Promise<SittingForCandidate>
  claim(takeOver: boolean): Promise<void>
  consent(version: string, language: Language, accepted: boolean): Promise<SittingForCandidate>
  openLeg(offerSdp: string, tracks: readonly TrackPlace[], signal: AbortSignal): Promise<LegAnswer>
  receivedLeg(leg: number): Promise<ReceivedLeg>
  reportEquipment(checks: readonly CheckReport[]): Promise<SittingForCandidate>
  /** A `further` photograph joins those accepted before; any other takes their place. */
  enrol(picture: Blob, further: boolean): Promise<void>
  readDocument(picture: Blob): Promise<DocumentOutcome>
  leaveDocument(): Promise<SittingForCandidate>
  start(): Promise<SittingForCandidate>
  saveAnswer(questionId: string, text: string): Promise<{ readonly saved_at: string }>
  finish(): Promise<SittingForCandidate>
  beginCheck(checkId: string, track: CheckTrack): Promise<CheckView>
  stopCheck(checkId: string): Promise<CheckView>
  declineCheck(checkId: string): Promise<CheckView>
  invitePhone(): Promise<PhoneInvitation>
  sendPhoneAway(): Promise<void>
}
