import { Check } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { type Milestone, milestones } from '../sitting'
import type { SittingForCandidate } from '../contract'
import classes from './Steps.module.css'

/** The way through the sitting; on a narrow page only the present step is written out. */
export function Milestones({ sitting, now }: { sitting: SittingForCandidate; now: Milestone }) {
  const { t } = useTranslation('capture')
  const way = milestones(sitting)
  const position = way.indexOf(now)
  return (
    <nav aria-label={t('progress.label')} className={classes.way}>
      <p className={classes.position}>{t('progress.position', { number: position + 1, total: way.length })}</p>
      <ol className={classes.milestones}>
        {way.map((milestone, index) => (
          <li
            key={milestone}
            className={classes.milestone}
            data-state={index < position ? 'past' : index === position ? 'now' : 'ahead'}
            aria-current={index === position ? 'step' : undefined}
          >
            <span className={classes.dot} aria-hidden>
              {index < position ? <Check size={12} strokeWidth={3} /> : index + 1}
            </span>
            <span>{t(`milestone.${milestone}`)}</span>
            {index < position ? <span className="visually-hidden">({t('progress.done')})</span> : null}
          </li>
        ))}
      </ol>
    </nav>
  )
}
