import { describe, expect, it } from 'vitest'
import {
  emptyDraft,
  missingFields,
  requestOf,
  withoutQuestion,
  withQuestion,
  withQuestionText,
} from './exam-draft'

const title = { kk: 'Тарих', ru: 'История', en: 'History' }

describe('an exam being written', () => {
  it('names what is missing', () => {
    expect(missingFields(emptyDraft())).toEqual(['title', 'questions'])
    expect(missingFields({ ...emptyDraft(), title, kind: 'url', url: 'exam.kz', minutes: '0' })).toEqual(['url', 'minutes'])
    expect(missingFields({ ...emptyDraft(), title, kind: 'url', url: 'https://exam.kz/1' })).toEqual([])
  })

  it('gives questions identifiers that stay unique', () => {
    const two = withQuestion(withQuestion(emptyDraft()))
    const again = withQuestion(withoutQuestion(two, 'q1'))
    expect(again.questions.map((question) => question.question_id)).toEqual(['q2', 'q3'])
  })

  it('needs every question in every language', () => {
    let draft = withQuestion({ ...emptyDraft(), title })
    draft = withQuestionText(withQuestionText(draft, 'q1', 'kk', 'Неге?'), 'q1', 'ru', 'Почему?')
    expect(missingFields(draft)).toEqual(['questions'])
    expect(missingFields(withQuestionText(draft, 'q1', 'en', 'Why?'))).toEqual([])
  })

  it('sends only what its kind needs', () => {
    const draft = withQuestion({ ...emptyDraft(), title, kind: 'url', url: 'https://exam.kz/1' })
    expect(requestOf(draft)).toMatchObject({ url: 'https://exam.kz/1', questions: [], duration_minutes: 60 })
  })
})
