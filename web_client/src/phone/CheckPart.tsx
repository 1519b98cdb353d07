import { useTranslation } from 'react-i18next'
import type { Paced } from '@/capture/hint_pacer'
import { useLanguage } from '@/i18n'
import type { PhoneStatus } from './api'
import { HeardHints } from './HeardHints'
import classes from './Phone.module.css'

/** What the person is to do with the telephone now. */
export function CheckPart({ status, paced }: { status: PhoneStatus | null; paced: Paced }) {
  const { t } = useTranslation('phone')
  const language = useLanguage()
  const check = status?.check ?? null
  if (check?.state === 'begun' && check.track === 'phone') {
    const degrees = Math.round(status?.progress?.coverage_deg ?? 0)
    return (
      <>
        <p className={classes.hint} role="status" data-hint={paced.hint ?? 'none'}>
          {paced.hint === null ? t('check.first') : t(`hint.${paced.hint}`)}
        </p>
        <label className={classes.progress}>
          <span className="visually-hidden">{t('check.ring')}</span>
          <progress value={degrees} max={360} />
          <span>{t('check.progress', { degrees })}</span>
        </label>
        <HeardHints key={language} paced={paced} />
      </>
    )
  }
  return (
    <p className={classes.lead} role="status">
      {t(`check.${wordsFor(check)}`)}
    </p>
  )
}

function wordsFor(check: PhoneStatus['check']): 'none' | 'asked' | 'elsewhere' | 'complete' | 'ended' {
  if (check === null || check.check !== 'room_scan') return 'none'
  if (check.state === 'asked') return 'asked'
  if (check.state === 'begun') return 'elsewhere'
  if (check.track !== 'phone') return 'none'
  return check.outcome === 'complete' ? 'complete' : 'ended'
}
