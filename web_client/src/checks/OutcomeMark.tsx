import { CircleCheck, CircleDashed, CircleHelp, CircleOff, CirclePause } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CheckOutcome } from '@/api/types'
import classes from './Check.module.css'

const ICONS: Readonly<Record<CheckOutcome, typeof CircleCheck>> = {
  complete: CircleCheck,
  incomplete: CircleDashed,
  cannot_tell: CircleHelp,
  passed: CircleCheck,
  failed: CircleDashed,
  measured: CircleCheck,
  declined: CircleOff,
  left_out: CircleOff,
  withdrawn: CircleOff,
  interrupted: CirclePause,
  expired: CirclePause,
}

/** How a check ended, as a shape and a word. */
export function OutcomeMark({ outcome }: { outcome: CheckOutcome }) {
  const { t } = useTranslation('checks')
  const Icon = ICONS[outcome]
  return (
    <span className={classes.outcome}>
      <Icon size={15} aria-hidden />
      {t(`outcome.${outcome}`)}
    </span>
  )
}
