import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowLeft, Printer } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Incident, Recording } from '@/api/types'
import { SyncedPlayback } from '@/playback/model/synced-playback'
import { RecordingStage } from '@/playback/RecordingStage'
import { useRecording } from '@/playback/useRecording'
import { Loading, Page, PageTitle } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import classes from './Document.module.css'
import { DocumentFacts } from './DocumentFacts'
import { IncidentArticle } from './IncidentArticle'
import { ProvenanceNote } from './ProvenanceNote'
import { incidentsQuery, sittingQuery } from './queries'
import { TimelinePane } from './TimelinePane'

const LEAD_IN_MS = 5_000

function Incidents({ incidents, onPlay }: { incidents: readonly Incident[]; onPlay: (ms: number) => void }) {
  const { t } = useTranslation('review')
  return (
    <section className={classes.incidents}>
      <h2>{t('incidents')}</h2>
      {incidents.length === 0 ? <p className={classes.quiet}>{t('incidents_empty')}</p> : null}
      {incidents.map((incident) => (
        <IncidentArticle
          key={incident.incident_id}
          incident={incident}
          onPlay={() => onPlay(Math.max(0, incident.start_ms - LEAD_IN_MS))}
        />
      ))}
    </section>
  )
}

/** Recording and timeline side by side, on one clock. */
function Evidence({ sittingId, recording, incidents }: EvidenceProps) {
  const [playback] = useState(() => new SyncedPlayback(recording.duration_ms))
  const play = (ms: number) => playback.playFrom(ms)
  return (
    <div className={classes.evidence}>
      <div className={classes.main}>
        <div className={classes.player}>
          <RecordingStage
            recording={recording}
            playback={playback}
            marks={incidents.map((incident) => incident.start_ms)}
            sound
          />
        </div>
        <Incidents incidents={incidents} onPlay={play} />
      </div>
      <TimelinePane sittingId={sittingId} playback={playback} />
    </div>
  )
}

interface EvidenceProps {
  readonly sittingId: string
  readonly recording: Recording
  readonly incidents: readonly Incident[]
}

/** One finished sitting, to be read like a document; nothing here changes anything. */
export function DocumentPage({ sittingId }: { sittingId: string }) {
  const { t } = useTranslation(['review', 'ui'])
  const sitting = useQuery(sittingQuery(sittingId))
  const incidents = useQuery(incidentsQuery(sittingId))
  const recording = useRecording(sittingId)
  const failed = [sitting, incidents, recording].find((query) => query.error)
  const inOrder = incidents.data?.toSorted((a, b) => a.start_ms - b.start_ms)
  return (
    <Page width="wide">
      <div className={classes.top}>
        <Link to="/review" className={classes.back}>
          <ArrowLeft size={16} aria-hidden /> {t('ui:back_to_list')}
        </Link>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Printer size={15} aria-hidden />}
          onClick={() => window.print()}
        >
          {t('print')}
        </Button>
      </div>
      <PageTitle>{sitting.data?.candidate.name ?? t('title')}</PageTitle>
      {failed ? <ProblemNotice error={failed.error} onRetry={() => void failed.refetch()} /> : null}
      {!failed && !(sitting.data && inOrder && recording.data) ? <Loading /> : null}
      {sitting.data && recording.data ? <DocumentFacts sitting={sitting.data} recording={recording.data} /> : null}
      {sitting.data && inOrder ? <ProvenanceNote sitting={sitting.data} incidents={inOrder} /> : null}
      {inOrder && recording.data ? (
        <Evidence sittingId={sittingId} recording={recording.data} incidents={inOrder} />
      ) : null}
    </Page>
  )
}
