import { Kbd } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SittingSummary } from '@/api/types'
import { SeverityMark } from '@/ui/SeverityMark'
import { levelOf, sectionOf } from './model/attention'
import classes from './SittingList.module.css'

/** The next sitting that needs a person, always in this place; it does not change under the pointer. */
export function NextCard({ next }: { next: SittingSummary | null }) {
  const { t } = useTranslation(['invigilate', 'ui'])
  const [held, setHeld] = useState<SittingSummary | null>(null)
  const shown = held ?? next
  return (
    <div
      className={classes.next}
      onPointerEnter={() => setHeld(next)}
      onPointerLeave={() => setHeld(null)}
    >
      <p className={classes.nextTitle}>
        {t('next.title')} <Kbd size="xs">G</Kbd>
      </p>
      {shown ? (
        <Link to="/invigilate/$sittingId" params={{ sittingId: shown.sitting_id }} className={classes.nextLink}>
          <span className={classes.nextName}>{shown.candidate.name}</span>
          <span className={classes.nextWhy}>
            <SeverityMark level={levelOf(sectionOf(shown))} />
            <span>{t('next.undecided', { count: shown.attention.unreviewed })}</span>
          </span>
        </Link>
      ) : (
        <p className={classes.nextNone}>{t('next.none')}</p>
      )}
    </div>
  )
}
