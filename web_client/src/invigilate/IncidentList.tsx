import { useTranslation } from 'react-i18next'
import type { Incident } from '@/api/types'
import { duration } from '@/i18n/format'
import { IncidentMark } from '@/incidents/ReviewMark'
import { EmptyState, Loading } from '@/ui/Page'
import { useStore } from '@/ui/store'
import classes from './WatchedSitting.module.css'
import type { WatchBoard } from './model/watch-board'
import { UndoButton } from './UndoButton'
import { useHold } from './useHold'

interface ListProps {
  readonly board: WatchBoard
  readonly chosen: string | null
  readonly onChoose: (key: string) => void
  readonly onPlay: (incident: Incident) => void
  /** The incident decided last, while that can be undone. */
  readonly decided: Incident | undefined
  readonly onUndo: () => void
}

interface IncidentRowProps {
  readonly incident: Incident
  readonly chosen: boolean
  readonly onPress: () => void
}

function IncidentRow({ incident, chosen, onPress }: IncidentRowProps) {
  const { t } = useTranslation(['incidents', 'ui'])
  return (
    <li data-incident={incident.incident_id}>
      <button type="button" className={classes.row} aria-pressed={chosen} onClick={onPress}>
        <IncidentMark incident={incident} />
        <span className={classes.kinds}>{incident.kinds.map((kind) => t(`ui:kind.${kind}`)).join(' · ')}</span>
        <span className={classes.when}>
          {duration(incident.start_ms)}
          {incident.end_ms === null ? ` · ${t('ongoing_short')}` : null}
        </span>
      </button>
    </li>
  )
}

/** What was noticed in the chosen sitting: undecided first. Pressing a row shows why, and plays it. */
export function IncidentList({ board, chosen, decided, onChoose, onPlay, onUndo }: ListProps) {
  const { t } = useTranslation(['invigilate', 'ui'])
  const { incidents, incidentsLoaded, latest } = useStore(board)
  const hold = useHold((held) => board.holdIncidents(held))
  const { pending } = incidents
  return (
    <section className={classes.incidents} aria-label={t('incidents.title')}>
      <div className={classes.incidentsHead}>
        <h2>{t('incidents.title')}</h2>
        {decided ? <UndoButton incident={decided} onUndo={onUndo} /> : null}
        {pending > 0 ? (
          <button type="button" className={classes.settle} onClick={() => board.settle()}>
            {t('list.settle')}
          </button>
        ) : null}
      </div>
      <p className="visually-hidden" role="status">
        {latest ? t('incidents.new', { kinds: latest.kinds.map((kind) => t(`ui:kind.${kind}`)).join(', ') }) : ''}
      </p>
      {!incidentsLoaded && incidents.rows.length === 0 ? <Loading /> : null}
      {incidentsLoaded && incidents.rows.length === 0 ? (
        <EmptyState title={t('incidents.empty')}>{t('incidents.empty_hint')}</EmptyState>
      ) : null}
      <ul {...hold}>
        {incidents.rows.map((row) => (
          <IncidentRow
            key={row.key}
            incident={row.item}
            chosen={row.key === chosen}
            onPress={() => {
              onChoose(row.key)
              onPlay(row.item)
            }}
          />
        ))}
      </ul>
    </section>
  )
}
