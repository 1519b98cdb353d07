import { CheckCheck, CircleSlash } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Incident } from '@/api/types'
import { SeverityMark } from '@/ui/SeverityMark'
import classes from './ReviewMark.module.css'

/** A decided incident shows its decision in the place of its severity. */
export function IncidentMark({ incident }: { incident: Incident }) {
  const { t } = useTranslation('incidents')
  if (incident.review === 'unreviewed') return <SeverityMark level={incident.severity} />
  const Icon = incident.review === 'noted' ? CheckCheck : CircleSlash
  return (
    <span className={classes.decided}>
      <Icon size={15} aria-hidden />
      {t(`review.${incident.review}`)}
    </span>
  )
}
