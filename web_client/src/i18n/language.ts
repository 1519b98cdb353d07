import type { Language, LocalizedText } from '@/api/types'

export const LANGUAGES: readonly Language[] = ['kk', 'ru', 'en']

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { kk: 'Қазақша', ru: 'Русский', en: 'English' }

const KEPT_AS = 'proctor.language'

function asLanguage(value: string | null | undefined): Language | undefined {
  const short = value?.slice(0, 2).toLowerCase()
  return LANGUAGES.find((language) => language === short)
}

/** The language chosen earlier in this browser, else the first known one that the browser asks for, else Kazakh. */
export function preferredLanguage(kept: string | null, asked: readonly string[]): Language {
  const found = asLanguage(kept)
  if (found) return found
  for (const candidate of asked) {
    const language = asLanguage(candidate)
    if (language) return language
  }
  return 'kk'
}

export function keptLanguage(): Language {
  return preferredLanguage(localStorage.getItem(KEPT_AS), navigator.languages)
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT_AS, language)
}

/** One language of a text that the server sends in all three. */
export function pick(text: LocalizedText, language: Language): string {
  return text[language]
}
