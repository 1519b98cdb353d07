import { useTranslation } from 'react-i18next'
import { meterPosition, type SoundLevel } from '../level_meter'
import type { Watched } from '../store'
import classes from './Equipment.module.css'
import { useWatched } from './useWatched'

/** The microphone's level, live. */
export function LevelBar({ level }: { level: Watched<SoundLevel | null> }) {
  const { t } = useTranslation('capture')
  const now = useWatched(level)
  if (now === null) return null
  const percent = Math.round(meterPosition(now.nowDbfs) * 100)
  return (
    <div className={classes.level}>
      <p className={classes.levelHint}>{t('equipment.speak')}</p>
      <div
        className={classes.meter}
        role="meter"
        aria-label={t('equipment.level')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-live="off"
      >
        <div className={classes.meterFill} style={{ transform: `scaleX(${percent / 100})` }} />
      </div>
    </div>
  )
}
