import { Button, Kbd, Textarea } from '@mantine/core'
import { CheckCheck, CircleSlash, Play } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Incident } from '@/api/types'
import { IncidentMark } from '@/incidents/ReviewMark'
import { SignalReasons } from '@/incidents/SignalReasons'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { Instant } from '@/ui/Time'
import { UndoButton } from './UndoButton'
import classes from './WatchedSitting.module.css'

interface DetailProps {
  readonly incident: Incident
  readonly failure: unknown
  readonly busy: boolean
  readonly onNote: (text: string) => void
  readonly onDecide: (decision: 'noted' | 'dismissed') => void
  readonly onUndo: () => void
  readonly onPlay: () => void
}

function Decided({ incident, onUndo }: { incident: Incident; onUndo: () => void }) {
  return (
    <div className={classes.decided}>
      <p>
        <IncidentMark incident={incident} /> {incident.reviewed_by}
        {incident.reviewed_at === null ? null : (
          <>
            {' · '}
            <Instant at={incident.reviewed_at} clockOnly />
          </>
        )}
      </p>
      {incident.note === null ? null : <p className={classes.noteText}>{incident.note}</p>}
      <UndoButton incident={incident} onUndo={onUndo} />
    </div>
  )
}

/** One incident: the picture of its onset, the reasons with what was measured, and the decision. */
export function IncidentDetail({ incident, failure, busy, onNote, onDecide, onUndo, onPlay }: DetailProps) {
  const { t } = useTranslation(['invigilate', 'incidents', 'ui'])
  const open = incident.review === 'unreviewed'
  return (
    <section className={classes.detail} aria-label={incident.kinds.map((kind) => t(`ui:kind.${kind}`)).join(', ')}>
      <div className={classes.decide}>
        {open ? (
          <>
            <Button
              size="compact-sm"
              loading={busy}
              leftSection={<CheckCheck size={16} aria-hidden />}
              rightSection={<Kbd size="xs">N</Kbd>}
              onClick={() => onDecide('noted')}
            >
              {t('detail.to_noted')}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              disabled={busy}
              leftSection={<CircleSlash size={16} aria-hidden />}
              rightSection={<Kbd size="xs">D</Kbd>}
              onClick={() => onDecide('dismissed')}
            >
              {t('detail.to_dismissed')}
            </Button>
          </>
        ) : (
          <Decided incident={incident} onUndo={onUndo} />
        )}
        <Button
          size="compact-sm"
          variant="subtle"
          className={classes.playButton ?? ''}
          leftSection={<Play size={16} aria-hidden />}
          rightSection={<Kbd size="xs">Enter</Kbd>}
          onClick={onPlay}
        >
          {t('detail.play')}
        </Button>
      </div>
      {failure ? <ProblemNotice error={failure} /> : null}
      <div className={classes.reasons}>
        {incident.picture_url === null ? null : (
          <img src={incident.picture_url} alt={t('incidents:picture')} className={classes.snapshot} />
        )}
        <SignalReasons signals={incident.signals} />
      </div>
      {open ? (
        <Textarea
          size="sm"
          label={t('detail.note')}
          rows={1}
          maxLength={2000}
          onChange={(event) => onNote(event.currentTarget.value)}
        />
      ) : null}
    </section>
  )
}
