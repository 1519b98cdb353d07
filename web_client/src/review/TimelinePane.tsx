import { Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import type { TimelineEntry } from '@/api/types'
import type { SyncedPlayback } from '@/playback/model/synced-playback'
import { Loading } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { useStore } from '@/ui/store'
import { EntryDialog } from './EntryDialog'
import { EntryRow } from './EntryRow'
import { entriesOf, type Group, GROUPS, indexAt } from './model/timeline'
import { timelineQuery } from './queries'
import classes from './Timeline.module.css'

const ROW_PX = 44

/** While the page is being printed every row is written out, not only those in sight. */
function usePrinting(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia('print')
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    () => matchMedia('print').matches,
  )
}

interface RowsProps {
  readonly entries: readonly TimelineEntry[]
  readonly current: number
  readonly onPlay: (ms: number) => void
  readonly onOpen: (entry: TimelineEntry) => void
}

function VirtualRows({ entries, current, onPlay, onOpen }: RowsProps) {
  const { t } = useTranslation('review')
  const scroll = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => entries[index]?.seq ?? index,
    overscan: 12,
  })
  const pointed = useRef(false)
  useEffect(() => {
    const held = pointed.current || scroll.current?.contains(document.activeElement)
    if (current >= 0 && !held) rows.scrollToIndex(current, { align: 'center' })
  }, [current, rows])
  return (
    <div
      ref={scroll}
      className={classes.scroll}
      // Scrolling by keyboard needs focus on the region itself.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="region"
      aria-label={t('timeline.title')}
      onPointerEnter={() => {
        pointed.current = true
      }}
      onPointerLeave={() => {
        pointed.current = false
      }}
    >
      <ol className={classes.rows} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const entry = entries[item.index]
          if (!entry) return null
          return (
            <EntryRow
              key={item.key}
              entry={entry}
              current={item.index === current}
              position={{ index: item.index, total: entries.length }}
              measure={rows.measureElement}
              topPx={item.start}
              onPlay={onPlay}
              onOpen={onOpen}
            />
          )
        })}
      </ol>
    </div>
  )
}

function PrintedRows({ entries }: { entries: readonly TimelineEntry[] }) {
  return (
    <ol>
      {entries.map((entry) => (
        <EntryRow key={entry.seq} entry={entry} current={false} />
      ))}
    </ol>
  )
}

/** Everything that happened, in order, beside the recording: pressing a time plays it. */
export function TimelinePane({ sittingId, playback }: { sittingId: string; playback: SyncedPlayback }) {
  const { t } = useTranslation('review')
  const { data, error, refetch } = useQuery(timelineQuery(sittingId))
  const [groups, setGroups] = useState<ReadonlySet<Group>>(new Set(['people', 'noticed', 'browser']))
  const [opened, setOpened] = useState<TimelineEntry | null>(null)
  const { timeMs } = useStore(playback)
  const printing = usePrinting()
  const entries = useMemo(() => (data ? entriesOf(data, groups) : []), [data, groups])
  const current = indexAt(entries, timeMs)
  const toggle = (group: Group) => {
    const next = new Set(groups)
    if (!next.delete(group)) next.add(group)
    setGroups(next)
  }
  return (
    <div className={classes.pane}>
      <h2>{t('timeline.title')}</h2>
      <fieldset className={classes.filter}>
        <legend className="visually-hidden">{t('timeline.filter')}</legend>
        {GROUPS.map((group) => (
          <Checkbox
            key={group}
            size="xs"
            label={t(`timeline.group.${group}`)}
            checked={groups.has(group)}
            onChange={() => toggle(group)}
          />
        ))}
      </fieldset>
      {error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data && entries.length === 0 ? <p className={classes.empty}>{t('timeline.empty')}</p> : null}
      {printing ? (
        <PrintedRows entries={entries} />
      ) : (
        <VirtualRows
          entries={entries}
          current={current}
          onPlay={(ms) => playback.playFrom(ms)}
          onOpen={setOpened}
        />
      )}
      {opened ? <EntryDialog entry={opened} onClose={() => setOpened(null)} /> : null}
    </div>
  )
}
