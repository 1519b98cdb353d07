import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowLeft, Printer } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Check, Incident, Recording, SittingDetail } from '@/api/types'
import { CheckCard } from '@/checks/CheckCard'
import { OutcomeMark } from '@/checks/OutcomeMark'
import { checksQuery } from '@/checks/queries'
import { SyncedPlayback } from '@/playback/model/synced-playback'
import { RecordingStage } from '@/playback/RecordingStage'
import { useRecording } from '@/playback/useRecording'
import { duration } from '@/i18n/format'
import { IdentityDocument } from '@/identity/IdentityDocument'
import { Loading, Page, PageTitle } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import classes from './Document.module.css'
import { DocumentFacts } from './DocumentFacts'
import { IncidentArticle } from './IncidentArticle'
import { ProvenanceNote } from './ProvenanceNote'
import { incidentsQuery, sittingQuery } from './queries'

const LEAD_IN_MS = 5_000

/** The long list beside the document follows once the document itself can be read. */
const TimelinePane = lazy(async () => ({ default: (await import('./TimelinePane')).TimelinePane }))

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

/** Who sat, beyond the photographs: the identity document, where one was asked for. */
function Identity({ sitting }: { sitting: SittingDetail }) {
  const { t } = useTranslation('identity')
  if (sitting.document === 'none') return null
  return (
    <section className={classes.incidents}>
      <h2>{t('read.title')}</h2>
      <article className={classes.incident}>
        <IdentityDocument sittingId={sitting.sitting_id} />
      </article>
    </section>
  )
}

/** What the candidate was asked to do before a camera, and what came of it; nothing where nobody asked. */
function Checks({ checks, onPlay }: { checks: readonly Check[]; onPlay: (ms: number) => void }) {
  const { t } = useTranslation(['review', 'checks'])
  if (checks.length === 0) return null
  return (
    <section className={classes.incidents}>
      <h2>{t('checks')}</h2>
      {checks.map((check) => (
        <article key={check.check_id} className={classes.incident}>
          <header className={classes.checkHead}>
            {check.start_ms === null ? null : <span className={classes.at}>{duration(check.start_ms)}</span>}
            <h3>{t(`checks:kind.${check.check}`)}</h3>
            {check.outcome === null ? null : <OutcomeMark outcome={check.outcome} />}
          </header>
          <CheckCard check={check} onPlay={onPlay} />
        </article>
      ))}
    </section>
  )
}

/** Recording and timeline side by side, on one clock. */
function Evidence({ sittingId, recording, incidents, checks }: EvidenceProps) {
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
        <Checks checks={checks} onPlay={play} />
        <Incidents incidents={incidents} onPlay={play} />
      </div>
      <Suspense fallback={<Loading />}>
        <TimelinePane sittingId={sittingId} playback={playback} />
      </Suspense>
    </div>
  )
}

interface EvidenceProps {
  readonly sittingId: string
  readonly recording: Recording
  readonly incidents: readonly Incident[]
  readonly checks: readonly Check[]
}

/** One finished sitting, to be read like a document; nothing here changes anything. */
export function DocumentPage({ sittingId }: { sittingId: string }) {
  const { t } = useTranslation(['review', 'incidents', 'checks', 'playback', 'identity', 'ui'])
  const sitting = useQuery(sittingQuery(sittingId))
  const incidents = useQuery(incidentsQuery(sittingId))
  const checks = useQuery(checksQuery(sittingId))
  const recording = useRecording(sittingId)
  const failed = [sitting, incidents, checks, recording].find((query) => query.error)
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
      {!failed && !(sitting.data && inOrder && checks.data && recording.data) ? <Loading /> : null}
      {sitting.data && recording.data ? <DocumentFacts sitting={sitting.data} recording={recording.data} /> : null}
      {sitting.data && inOrder ? <ProvenanceNote sitting={sitting.data} incidents={inOrder} /> : null}
      {sitting.data ? <Identity sitting={sitting.data} /> : null}
      {inOrder && checks.data && recording.data ? (
        <Evidence sittingId={sittingId} recording={recording.data} incidents={inOrder} checks={checks.data} />
      ) : null}
    </Page>
  )
}
