import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowLeft, MessageSquare, Radio } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, unwrap } from '@/api/client'
import type { Decision, Incident } from '@/api/types'
import { useLanguage } from '@/i18n'
import { duration } from '@/i18n/format'
import { pick } from '@/i18n/language'
import { RecordingStage } from '@/playback/RecordingStage'
import { useKeys } from '@/ui/keys'
import { EmptyState, Loading } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { useStore } from '@/ui/store'
import { GuidedChecks } from './GuidedChecks'
import { IdentityFold } from './IdentityFold'
import { IncidentDetail } from './IncidentDetail'
import { IncidentList } from './IncidentList'
import { LiveStage } from './LiveStage'
import { MessageDialog } from './MessageDialog'
import { neighbour, playFromMs, undoLeftMs } from './model/attention'
import type { WatchBoard } from './model/watch-board'
import { useReplay } from './useReplay'
import classes from './WatchedSitting.module.css'

interface Review {
  readonly incident: Incident
  readonly decision: Decision
  readonly note: string | null
}

function sendReview({ incident, decision, note }: Review): Promise<Incident> {
  const path = { sitting_id: incident.sitting_id, incident_id: incident.incident_id }
  const body = { decision, note: note === '' ? null : note }
  return unwrap(
    api.POST('/api/sittings/{sitting_id}/incidents/{incident_id}/reviews', { params: { path }, body }),
  )
}

/** The chosen sitting: live or recorded pictures above, what was noticed below, one decision at a time. */
export function WatchedSitting({ board, sittingId }: { board: WatchBoard; sittingId: string }) {
  const { t } = useTranslation(['invigilate', 'ui'])
  const language = useLanguage()
  const snapshot = useStore(board)
  const [chosen, setChosen] = useState<string | null>(null)
  const [writing, setWriting] = useState(false)
  const [muted, setMuted] = useState(true)
  const [lastDecided, setLastDecided] = useState<string | null>(null)
  const note = useRef('')
  const replay = useReplay(sittingId)
  const path = { sitting_id: sittingId }
  const detail = useQuery({
    queryKey: ['sitting', sittingId],
    queryFn: () => unwrap(api.GET('/api/sittings/{sitting_id}', { params: { path } })),
  })
  const sitting = snapshot.sittings.get(sittingId) ?? detail.data
  const { incidents } = snapshot
  const incident = chosen === null ? undefined : incidents.get(chosen)
  const keys = incidents.rows.map((row) => row.key)

  const review = useMutation({
    mutationFn: sendReview,
    onSuccess: (changed) => board.putIncident(changed),
  })
  const choose = (key: string | null) => {
    setChosen(key)
    note.current = ''
    review.reset()
  }
  const play = (which: Incident | undefined) => {
    if (which) void replay.show(playFromMs(which))
  }
  const decide = (decision: 'noted' | 'dismissed') => {
    if (!incident || incident.review !== 'unreviewed') return
    review.mutate(
      { incident, decision, note: note.current },
      {
        onSuccess: () => {
          setLastDecided(incident.incident_id)
          const open = incidents.rows.filter((row) => row.item.review === 'unreviewed').map((row) => row.key)
          const following = neighbour(open, incident.incident_id, 1)
          choose(following === incident.incident_id ? (open.at(-2) ?? incident.incident_id) : following)
        },
      },
    )
  }
  const decided = incidents.get(lastDecided ?? '')
  const undo = (which = decided ?? incident) => {
    if (!which || undoLeftMs(which, Date.now()) === 0) return
    review.mutate({ incident: which, decision: 'withdrawn', note: null })
    setChosen(which.incident_id)
  }
  useKeys({
    j: () => choose(neighbour(keys, chosen, 1)),
    k: () => choose(neighbour(keys, chosen, -1)),
    Enter: () => play(incident),
    n: () => decide('noted'),
    d: () => decide('dismissed'),
    u: () => undo(),
    l: () => replay.leave(),
    s: () => setMuted(!muted),
    m: () => setWriting(true),
  })

  if (!sitting) {
    return (
      <div className={classes.sitting}>
        {detail.error ? (
          <div className={classes.problem}>
            <ProblemNotice error={detail.error} onRetry={() => void detail.refetch()} />
          </div>
        ) : (
          <Loading />
        )}
      </div>
    )
  }
  return (
    <div className={classes.sitting}>
      <header className={classes.head}>
        <Link to="/invigilate" className={classes.back}>
          <ArrowLeft size={16} aria-hidden /> {t('ui:back_to_list')}
        </Link>
        <div className={classes.names}>
          <p className={classes.name}>{sitting.candidate.name}</p>
          <p className={classes.exam}>{pick(sitting.exam_title, language)}</p>
        </div>
        {replay.current ? (
          <Button size="compact-sm" leftSection={<Radio size={15} aria-hidden />} onClick={replay.leave}>
            {t('live.back')}
          </Button>
        ) : null}
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<MessageSquare size={15} aria-hidden />}
          onClick={() => setWriting(true)}
        >
          {t('message.open')}
        </Button>
      </header>
      {replay.failure === null ? null : <ProblemNotice error={replay.failure} />}
      {replay.current ? (
        <div className={classes.replay}>
          <p className={classes.replayMark}>{t('live.replay', { from: duration(replay.current.fromMs) })}</p>
          <RecordingStage
            key={replay.current.recording.duration_ms}
            recording={replay.current.recording}
            playback={replay.current.playback}
            marks={incidents.rows.map((row) => row.item.start_ms)}
            sound={!muted}
          />
        </div>
      ) : sitting.state === 'running' ? (
        <LiveStage
          sittingId={sittingId}
          isLinkLost={sitting.connection === 'lost'}
          hasPhone={sitting.phone_joined}
          muted={muted}
          onMute={setMuted}
        />
      ) : (
        <div className={classes.dark}>{t('live.not_started')}</div>
      )}
      <GuidedChecks sitting={sitting} onPlay={(ms) => void replay.show(ms)} />
      {detail.data ? <IdentityFold sitting={detail.data} /> : null}
      <div className={classes.review}>
        <IncidentList
          board={board}
          chosen={chosen}
          decided={decided}
          onChoose={choose}
          onPlay={play}
          onUndo={() => undo(decided)}
        />
        {incident ? (
          <IncidentDetail
            key={incident.incident_id}
            incident={incident}
            failure={review.error}
            busy={review.isPending}
            onNote={(text) => {
              note.current = text
            }}
            onDecide={decide}
            onUndo={() => undo(incident)}
            onPlay={() => play(incident)}
          />
        ) : (
          <div className={classes.detail}>
            {incidents.rows.length > 0 ? <EmptyState title={t('detail.choose')} /> : null}
          </div>
        )}
      </div>
      {writing ? (
        <MessageDialog sittingId={sittingId} name={sitting.candidate.name} onClose={() => setWriting(false)} />
      ) : null}
    </div>
  )
}
