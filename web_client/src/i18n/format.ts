import type { Language } from '@/api/types'

/**
 * Browsers carry no Kazakh locale data (Chromium writes `M11` for a month): numbers follow the same rules as in Russian,
 * dates are written by `kazakhDate`.
 */
const LOCALES: Readonly<Record<Language, string>> = { kk: 'ru-KZ', ru: 'ru-KZ', en: 'en-GB' }

const KAZAKH_MONTHS = ['қаң.', 'ақп.', 'нау.', 'сәу.', 'мам.', 'мау.', 'шіл.', 'там.', 'қыр.', 'қаз.', 'қар.', 'жел.']

/** A duration as 1:23:45; under an hour 3:45. Negative durations count as zero. */
export function duration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000))
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor((total % 3600) / 60)
  const seconds = String(total % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}

/** A duration for the `datetime` attribute (ISO 8601), e.g. PT1H23M45S. */
export function isoDuration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000))
  return `PT${Math.floor(total / 3600)}H${Math.floor((total % 3600) / 60)}M${total % 60}S`
}

export function number(value: number, language: Language, digits = 2): string {
  return new Intl.NumberFormat(LOCALES[language], { maximumFractionDigits: digits }).format(value)
}

export function percent(ratio: number, language: Language): string {
  return new Intl.NumberFormat(LOCALES[language], { style: 'percent', maximumFractionDigits: 1 }).format(ratio)
}

function zoned(zone: string | undefined): Intl.DateTimeFormatOptions {
  return zone === undefined ? {} : { timeZone: zone }
}

function kazakhDate(at: Date, zone: string | undefined): string {
  const parts = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'numeric', day: 'numeric', ...zoned(zone) })
  const fields = new Map(parts.formatToParts(at).map((part) => [part.type, part.value]))
  const month = KAZAKH_MONTHS[Number(fields.get('month')) - 1]
  return `${fields.get('year')} ж. ${fields.get('day')} ${month}`
}

/** Date and time in the zone of the browser, or in `zone`. */
export function dateTime(iso: string, language: Language, zone?: string): string {
  const at = new Date(iso)
  if (language === 'kk') return `${kazakhDate(at, zone)}, ${clockTime(iso, language, zone)}`
  return new Intl.DateTimeFormat(LOCALES[language], {
    dateStyle: 'medium',
    timeStyle: 'medium',
    ...zoned(zone),
  }).format(at)
}

export function clockTime(iso: string, language: Language, zone?: string): string {
  return new Intl.DateTimeFormat(LOCALES[language], { timeStyle: 'medium', ...zoned(zone) }).format(new Date(iso))
}

/** The same instant in UTC, for tooltips. */
export function utcTime(iso: string): string {
  return `${new Date(iso).toISOString().replace('T', ' ').slice(0, 19)} UTC`
}
