import { useTranslation } from 'react-i18next'
import type { Photograph } from '@/api/types'
import { useLanguage } from '@/i18n'
import { dateTime } from '@/i18n/format'
import { Instant } from '@/ui/Time'
import classes from './Identity.module.css'

/** Every accepted identity photograph, the latest first; those that were replaced say so. */
export function Photographs({ photographs }: { photographs: readonly Photograph[] }) {
  const { t } = useTranslation('identity')
  const language = useLanguage()
  if (photographs.length === 0) return <p className={classes.quiet}>{t('photographs.none')}</p>
  return (
    <ul className={classes.photographs} aria-label={t('photographs.title')}>
      {photographs.map((photograph) => (
        <li key={photograph.taken_at} data-compared={photograph.compared}>
          <img
            src={photograph.picture_url}
            alt={t('photographs.alt', { at: dateTime(photograph.taken_at, language) })}
            className={classes.photograph}
          />
          <span className={classes.under}>
            <Instant at={photograph.taken_at} clockOnly />
          </span>
          {photograph.compared ? null : <span className={classes.under}>{t('photographs.replaced')}</span>}
        </li>
      ))}
    </ul>
  )
}
