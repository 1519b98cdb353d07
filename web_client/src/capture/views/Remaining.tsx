import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Duration } from '@/ui/Time'
import type { SittingFlow } from '../sitting_flow'
import classes from './Exam.module.css'

/** Minutes before the end at which the page says so, once each. */
const ANNOUNCED_MINUTES: readonly number[] = [30, 10, 5, 1]

/** The time left, calm: the same colour to the end, and words for those who listen. */
export function Remaining({ flow }: { flow: SittingFlow }) {
  const { t } = useTranslation('capture')
  const [leftMs, setLeftMs] = useState(() => flow.clock?.remainingMs() ?? 0)
  useEffect(() => {
    const look = () => setLeftMs(flow.clock?.remainingMs() ?? 0)
    const timer = setInterval(look, 1_000)
    return () => clearInterval(timer)
  }, [flow])
  const over = leftMs === 0
  const minute = ANNOUNCED_MINUTES.findLast(
    (minutes) => leftMs <= minutes * 60_000 && leftMs > (minutes - 0.25) * 60_000,
  )
  return (
    <>
      <p className={classes.remaining}>
        {t('exam.remaining')} <Duration ms={leftMs} />
      </p>
      <p role="status" className={over ? classes.timeOver : 'visually-hidden'}>
        {over ? t('exam.time_over') : minute === undefined ? '' : t('exam.minutes_left', { minutes: minute })}
      </p>
    </>
  )
}
