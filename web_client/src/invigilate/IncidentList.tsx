import { useTranslation } from 'react-i18next'
import type { Incident } from '@/api/types'
import { duration } from '@/i18n/format'
import { IncidentMark } from '@/incidents/ReviewMark'
import { EmptyState, Loading } from '@/ui/Page'
import { useStore } from '@/ui/store'
import classes from './WatchedSitting.module.css'
import { isFolded } from './model/attention'
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

interface Row {
  readonly key: string
  readonly item: Incident
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

interface RowsProps {
  readonly rows: readonly Row[]
  readonly chosen: string | null
  readonly onPress: (row: Row) => void
}

function Rows({ rows, chosen, onPress }: RowsProps) {
  if (rows.length === 0) return null
  return (
    <ul>
      {rows.map((row) => (
        <IncidentRow key={row.key} incident={row.item} chosen={row.key === chosen} onPress={() => onPress(row)} />
      ))}
    </ul>
  )
}

/** What was noticed in the chosen sitting: undecided first. Pressing a row shows why, and plays it. */
export function IncidentList({ board, chosen, decided, onChoose, onPlay, onUndo }: ListProps) {
  const { t } = useTranslation(['invigilate', 'ui'])
  const { incidents, incidentsLoaded, latest } = useStore(board)
  const hold = useHold((held) => board.holdIncidents(held))
  const { pending } = incidents
  const shown = incidents.rows.filter((row) => row.item.review === 'unreviewed' && !isFolded(row.item))
  const folded = incidents.rows.filter((row) => isFolded(row.item))
  const decidedRows = incidents.rows.filter((row) => row.item.review !== 'unreviewed')
  const press = {
    chosen,
    onPress: (row: Row) => {
      onChoose(row.key)
      onPlay(row.item)
    },
  }
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
      <div {...hold}>
        <Rows rows={shown} {...press} />
        {folded.length > 0 ? (
          <details className={classes.folded} open={folded.some((row) => row.key === chosen) || undefined}>
            <summary>{t('incidents.folded', { count: folded.length })}</summary>
            <p>{t('incidents.folded_hint')}</p>
            <Rows rows={folded} {...press} />
          </details>
        ) : null}
        <Rows rows={decidedRows} {...press} />
      </div>
    </section>
  )
}
