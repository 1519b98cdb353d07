import { useTranslation } from 'react-i18next'
import { useLanguage } from '@/i18n'
import { clockTime, dateTime, duration, isoDuration, utcTime } from '@/i18n/format'

/** An instant in the reader's zone; the tooltip gives it in UTC. */
export function Instant({ at, clockOnly = false }: { at: string; clockOnly?: boolean }) {
  const language = useLanguage()
  return (
    <time dateTime={at} title={utcTime(at)}>
      {clockOnly ? clockTime(at, language) : dateTime(at, language)}
    </time>
  )
}

/** A length of time as 1:23:45. */
export function Duration({ ms }: { ms: number }) {
  const { t } = useTranslation('ui')
  return (
    <time dateTime={isoDuration(ms)} title={t('duration_label', { duration: duration(ms) })}>
      {duration(ms)}
    </time>
  )
}
