import { expect, it } from 'vitest'
import type { SittingSummary } from '@/api/types'
import { newestFirst } from './finished'

function sitting(name: string, finished_at: string): SittingSummary {
  return {
    candidate: { account_id: name, name, email: 'x@example.kz' },
    exam_title: { kk: 'Тарих', ru: 'История', en: 'History' },
    finished_at,
  } as unknown as SittingSummary
}

const sittings = [sitting('Әсел Хасен', '2026-05-01T09:00:00Z'), sitting('Ғалым Әсел', '2026-05-02T09:00:00Z')]
const names = (wanted: string, language: 'kk' | 'en' = 'kk') =>
  newestFirst(sittings, wanted, language).map((each) => each.candidate.name)

it('puts the latest first', () => expect(names('')).toEqual(['Ғалым Әсел', 'Әсел Хасен']))

it('finds every word, whatever its case, also in the exam of the chosen language', () => {
  expect(names('әСЕЛ ғал')).toEqual(['Ғалым Әсел'])
  expect(names('тарих')).toHaveLength(2)
  expect(names('тарих', 'en')).toEqual([])
})
