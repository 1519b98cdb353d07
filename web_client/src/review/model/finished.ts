import type { Language, SittingSummary } from '@/api/types'

/** The sittings whose candidate or exam matches every word of `wanted`, the latest finished first. */
export function newestFirst(sittings: readonly SittingSummary[], wanted: string, language: Language): SittingSummary[] {
  const words = wanted.toLocaleLowerCase(language).split(/\s+/).filter(Boolean)
  const text = (sitting: SittingSummary) =>
    `${sitting.candidate.name} ${sitting.candidate.email} ${sitting.exam_title[language]}`.toLocaleLowerCase(language)
  return sittings
    .filter((sitting) => words.every((word) => text(sitting).includes(word)))
    .toSorted((a, b) => (b.finished_at ?? '').localeCompare(a.finished_at ?? ''))
}
