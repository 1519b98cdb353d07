import { Button } from '@mantine/core'
import { Keyboard, Wifi, WifiOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { EmptyState, Loading } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { SeverityMark } from '@/ui/SeverityMark'
import { useStore } from '@/ui/store'
import { useNow } from '@/ui/useNow'
import { levelOf, type Section } from './model/attention'
import type { WatchBoard } from './model/watch-board'
import { NextCard } from './NextCard'
import { SittingRow } from './SittingRow'
import classes from './SittingList.module.css'
import { useHold } from './useHold'

interface ListProps {
  readonly board: WatchBoard
  readonly chosen: string | null
  readonly marked: string | null
  readonly onHelp: () => void
}

function SectionName({ section }: { section: Section }) {
  const { t } = useTranslation('invigilate')
  return (
    <h2 className={classes.section}>
      {section === 'waiting' ? null : (
        <span className={classes.sectionIcon} aria-hidden>
          <SeverityMark level={levelOf(section)} wordless />
        </span>
      )}
      {t(`section.${section}`)}
    </h2>
  )
}

/** All sittings in order of attention; the order waits while a pointer or the focus is inside. */
export function SittingList({ board, chosen, marked, onHelp }: ListProps) {
  const { t } = useTranslation('invigilate')
  const { sittings, next, connected, loaded, failure, heardAt } = useStore(board)
  const hold = useHold((held) => board.holdSittings(held))
  const now = useNow(1_000)
  const sections = groupBySection(sittings.rows)
  const { pending } = sittings
  return (
    <aside className={classes.side} aria-label={t('list.label')}>
      <NextCard next={next} />
      <div className={classes.bar}>
        {pending > 0 ? (
          <>
            <span role="status">{t('list.moved', { count: pending })}</span>
            <Button size="compact-sm" variant="default" onClick={() => board.settle()}>
              {t('list.settle')}
            </Button>
          </>
        ) : (
          <span>{t('list.in_order')}</span>
        )}
      </div>
      <div className={classes.list} {...hold}>
        {failure !== null && !loaded ? <ProblemNotice error={failure} onRetry={() => void board.refresh()} /> : null}
        {failure === null && !loaded ? <Loading /> : null}
        {loaded && sittings.rows.length === 0 ? (
          <EmptyState title={t('list.empty')}>{t('list.empty_hint')}</EmptyState>
        ) : null}
        {sections.map(({ section, rows }) => (
          <section key={`${section}-${rows[0]?.key}`}>
            <SectionName section={section as Section} />
            <ul>
              {rows.map((row) => (
                <SittingRow
                  key={row.key}
                  sitting={row.item}
                  heardAt={heardAt.get(row.key)}
                  now={now}
                  chosen={row.key === chosen}
                  marked={row.key === marked}
                />
              ))}
            </ul>
          </section>
        ))}
      </div>
      <div className={classes.foot}>
        <span className={connected ? classes.connected : classes.lost} role="status">
          {connected ? <Wifi size={14} aria-hidden /> : <WifiOff size={14} aria-hidden />}
          {connected ? t('feed.connected') : t('feed.lost')}
        </span>
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          c="inherit"
          leftSection={<Keyboard size={14} aria-hidden />}
          onClick={onHelp}
        >
          {t('help.open')}
        </Button>
      </div>
    </aside>
  )
}

interface Grouped<Row> {
  readonly section: string
  readonly rows: Row[]
}

/** Neighbouring rows of one section together; a held list may name a section twice. */
function groupBySection<Row extends { readonly section: string }>(rows: readonly Row[]): Grouped<Row>[] {
  const groups: Grouped<Row>[] = []
  for (const row of rows) {
    const last = groups.at(-1)
    if (last?.section === row.section) last.rows.push(row)
    else groups.push({ section: row.section, rows: [row] })
  }
  return groups
}
