import { Button } from '@mantine/core'
import { Play } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Incident } from '@/api/types'
import { duration } from '@/i18n/format'
import { IncidentMark } from '@/incidents/ReviewMark'
import { SignalReasons } from '@/incidents/SignalReasons'
import { SeverityMark } from '@/ui/SeverityMark'
import { Instant } from '@/ui/Time'
import classes from './Document.module.css'

/** One incident as the document states it: when, what, why, and what the invigilator decided. */
export function IncidentArticle({ incident, onPlay }: { incident: Incident; onPlay: () => void }) {
  const { t } = useTranslation(['review', 'incidents', 'ui'])
  const name = incident.kinds.map((kind) => t(`ui:kind.${kind}`)).join(' · ')
  return (
    <article className={classes.incident}>
      <header className={classes.incidentHead}>
        <span className={classes.at}>{duration(incident.start_ms)}</span>
        <h3>{name}</h3>
        <SeverityMark level={incident.severity} />
        <Button
          size="compact-sm"
          variant="default"
          className={classes.play ?? ''}
          leftSection={<Play size={14} aria-hidden />}
          onClick={onPlay}
          aria-label={`${t('incident_play', { at: duration(incident.start_ms) })}: ${name}`}
        >
          {t('incident_play', { at: duration(incident.start_ms) })}
        </Button>
      </header>
      <div className={classes.incidentBody}>
        {incident.picture_url === null ? null : (
          <img src={incident.picture_url} alt={t('incidents:picture')} loading="lazy" className={classes.snapshot} />
        )}
        <div>
          <SignalReasons signals={incident.signals} />
          <p className={classes.decision}>
            {incident.review === 'unreviewed' ? (
              t('incident_undecided')
            ) : (
              <>
                <IncidentMark incident={incident} />{' '}
                {incident.reviewed_by === null ? null : t('incident_decided', { name: incident.reviewed_by })}
                {incident.reviewed_at === null ? null : (
                  <>
                    {' · '}
                    <Instant at={incident.reviewed_at} />
                  </>
                )}
                {incident.note === null ? null : <span className={classes.note}>«{incident.note}»</span>}
              </>
            )}
          </p>
        </div>
      </div>
    </article>
  )
}
