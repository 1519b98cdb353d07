import type { Exam, ExamRequest, Language, LocalizedText } from '@/api/types'

interface QuestionDraft {
  readonly question_id: string
  readonly text: LocalizedText
}

/** An exam while it is being written; `exam_id` is null until it is saved. */
export interface ExamDraft {
  readonly exam_id: string | null
  readonly title: LocalizedText
  readonly kind: 'embedded' | 'url'
  readonly url: string
  readonly minutes: string
  readonly questions: readonly QuestionDraft[]
  readonly policy: string
}

export type DraftField = 'title' | 'url' | 'minutes' | 'questions'

const BLANK: LocalizedText = { kk: '', ru: '', en: '' }
const LONGEST_MINUTES = 24 * 60

export function emptyDraft(): ExamDraft {
  return { exam_id: null, title: BLANK, kind: 'embedded', url: '', minutes: '60', questions: [], policy: '' }
}

export function draftOf(exam: Exam): ExamDraft {
  return {
    exam_id: exam.exam_id,
    title: exam.title,
    kind: exam.kind,
    url: exam.url ?? '',
    minutes: String(exam.duration_minutes),
    questions: exam.questions,
    policy: exam.policy_toml,
  }
}

export function withQuestion(draft: ExamDraft): ExamDraft {
  const taken = new Set(draft.questions.map((question) => question.question_id))
  let number = draft.questions.length + 1
  while (taken.has(`q${number}`)) number += 1
  return { ...draft, questions: [...draft.questions, { question_id: `q${number}`, text: BLANK }] }
}

export function withoutQuestion(draft: ExamDraft, questionId: string): ExamDraft {
  return { ...draft, questions: draft.questions.filter((question) => question.question_id !== questionId) }
}

export function withQuestionText(draft: ExamDraft, questionId: string, language: Language, text: string): ExamDraft {
  const questions = draft.questions.map((question) =>
    question.question_id === questionId ? { ...question, text: { ...question.text, [language]: text } } : question,
  )
  return { ...draft, questions }
}

function isBlank(text: LocalizedText): boolean {
  return [text.kk, text.ru, text.en].some((each) => each.trim() === '')
}

/** What must still be filled in before the draft can be saved. */
export function missingFields(draft: ExamDraft): DraftField[] {
  const minutes = Number(draft.minutes)
  const missing: DraftField[] = []
  if (isBlank(draft.title)) missing.push('title')
  if (draft.kind === 'url' && !/^https?:\/\/\S+$/.test(draft.url)) missing.push('url')
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > LONGEST_MINUTES) missing.push('minutes')
  if (draft.kind === 'embedded' && (draft.questions.length === 0 || draft.questions.some(({ text }) => isBlank(text))))
    missing.push('questions')
  return missing
}

export function requestOf(draft: ExamDraft): ExamRequest {
  const embedded = draft.kind === 'embedded'
  return {
    title: draft.title,
    kind: draft.kind,
    url: embedded ? null : draft.url,
    duration_minutes: Number(draft.minutes),
    questions: embedded ? [...draft.questions] : [],
    policy_toml: draft.policy,
  }
}
