import { useTranslation } from 'react-i18next'
import type { TimelineEntry } from '@/api/types'
import { useLanguage } from '@/i18n'
import { duration, number } from '@/i18n/format'
import { Instant } from '@/ui/Time'
import { factsOf, groupOf } from './model/timeline'
import classes from './Timeline.module.css'

interface EntryRowProps {
  readonly entry: TimelineEntry
  readonly current: boolean
  /** Where the row stands among all, for the rows of a list of which only a part is in the page. */
  readonly position?: { readonly index: number; readonly total: number }
  readonly measure?: (element: HTMLElement | null) => void
  readonly topPx?: number
  readonly onPlay?: (ms: number) => void
  readonly onOpen?: (entry: TimelineEntry) => void
}

/** What an entry is called, and what it says beyond its name. */
export function useEntryWords(): (entry: TimelineEntry) => { name: string; detail: string } {
  const { t, i18n } = useTranslation(['review', 'checks', 'ui'])
  const language = useLanguage()
  return (entry) => {
    const facts = factsOf(entry)
    const known = i18n.exists(`review:entry.${entry.kind}`)
    const name = known ? t(`entry.${entry.kind as 'viewed'}`) : t('timeline.unknown', { kind: entry.kind })
    const event = facts.event
    const parts = [
      ...facts.kinds.map((kind) => t(`ui:kind.${kind}`)),
      event !== null && i18n.exists(`review:event.${event}`) ? t(`event.${event as 'focus_lost'}`) : event,
      facts.check ? t(`checks:kind.${facts.check}`) : null,
      facts.outcome ? t(`checks:outcome.${facts.outcome}`) : null,
      facts.track ? t(`ui:track.${facts.track}`) : null,
      facts.span ? t('detail.gap', { from: duration(facts.span.fromMs), to: duration(facts.span.toMs) }) : null,
      facts.leg === null ? null : t('detail.leg', { leg: facts.leg }),
      facts.decision ? t(`decision.${facts.decision}`) : null,
      facts.link ? t(`link.${facts.link}`) : null,
      facts.what ? t(`what.${facts.what}`) : null,
      facts.levelDbfs
        ? t('detail.level', {
            from: number(facts.levelDbfs.from, language, 0),
            to: number(facts.levelDbfs.to, language, 0),
          })
        : null,
      facts.text,
    ]
    return { name, detail: parts.filter((part) => part !== null && part !== '').join(' · ') }
  }
}

/** One entry: its time (plays the recording from there), what happened, and its number (shows the entry itself). */
export function EntryRow({ entry, current, position, measure, topPx, onPlay, onOpen }: EntryRowProps) {
  const { t } = useTranslation('review')
  const { name, detail } = useEntryWords()(entry)
  const at = entry.media_time_ms
  return (
    <li
      ref={measure}
      className={topPx === undefined ? classes.printed : classes.row}
      style={topPx === undefined ? undefined : { transform: `translateY(${topPx}px)` }}
      data-index={position?.index}
      data-group={groupOf(entry)}
      data-current={current}
      aria-posinset={position === undefined ? undefined : position.index + 1}
      aria-setsize={position?.total}
      aria-current={current ? 'time' : undefined}
    >
      {at === null ? (
        <span className={classes.wall}>
          <Instant at={entry.utc} clockOnly />
        </span>
      ) : onPlay ? (
        <button type="button" className={classes.time} onClick={() => onPlay(at)}>
          {duration(at)}
        </button>
      ) : (
        <span className={classes.wall}>{duration(at)}</span>
      )}
      <span className={classes.words}>
        <span className={classes.name}>{name}</span>
        {detail === '' ? null : <span className={classes.detail}> {detail}</span>}
      </span>
      {onOpen ? (
        <button
          type="button"
          className={classes.seq}
          aria-label={t('timeline.open', { seq: entry.seq })}
          title={t('timeline.open', { seq: entry.seq })}
          onClick={() => onOpen(entry)}
        >
          {entry.seq}
        </button>
      ) : (
        <span className={classes.wall}>{entry.seq}</span>
      )}
    </li>
  )
}
