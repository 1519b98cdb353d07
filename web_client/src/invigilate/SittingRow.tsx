import { Link } from '@tanstack/react-router'
import { UserRound, WifiOff } from 'lucide-react'
import { memo, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { SittingSummary } from '@/api/types'
import { duration } from '@/i18n/format'
import { SeverityMark } from '@/ui/SeverityMark'
import { levelOf, sectionOf } from './model/attention'
import { elapsedMs } from './model/watch-board'
import classes from './SittingList.module.css'

const THUMBNAIL_MS = 4_000

interface RowProps {
  readonly sitting: SittingSummary
  readonly heardAt: number | undefined
  readonly now: number
  readonly chosen: boolean
  readonly marked: boolean
}

function Thumbnail({ url, turn }: { url: string | null; turn: number }) {
  if (url === null)
    return (
      <span className={classes.thumbnail}>
        <UserRound size={18} aria-hidden />
      </span>
    )
  const [path] = url.split('?')
  return <img className={classes.thumbnail} src={`${path}?turn=${turn}`} alt="" width={56} height={42} />
}

/** One sitting: who, how long, what was noticed, whether it is connected. */
export const SittingRow = memo(function SittingRow({ sitting, heardAt, now, chosen, marked }: RowProps) {
  const { t } = useTranslation(['invigilate', 'ui'])
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (marked) link.current?.scrollIntoView({ block: 'nearest' })
  }, [marked])
  const elapsed = elapsedMs(sitting, heardAt, now)
  const missing = sitting.tracks.filter((track) => !track.receiving).map((track) => t(`ui:track.${track.track}`))
  const running = sitting.state === 'running'
  const { unreviewed } = sitting.attention
  return (
    <li>
      <Link
        ref={link}
        to="/invigilate/$sittingId"
        params={{ sittingId: sitting.sitting_id }}
        className={classes.row ?? ''}
        data-marked={marked}
        aria-current={chosen ? 'true' : undefined}
      >
        <Thumbnail url={running ? sitting.thumbnail_url : null} turn={Math.floor(now / THUMBNAIL_MS)} />
        <span className={classes.who}>{sitting.candidate.name}</span>
        <span className={classes.elapsed}>
          {running && elapsed !== null ? duration(elapsed) : t(`ui:state.${sitting.state}`)}
        </span>
        {running ? (
          <span className={classes.state}>
            {unreviewed > 0 ? (
              <>
                <SeverityMark level={levelOf(sectionOf(sitting))} />
                <span className={classes.count}>{t('row.undecided', { count: unreviewed })}</span>
              </>
            ) : null}
            {sitting.connection === 'lost' ? (
              <span className={classes.trouble}>
                <WifiOff size={13} aria-hidden /> {t('row.link_lost')}
              </span>
            ) : missing.length > 0 ? (
              <span className={classes.trouble}>{t('row.not_arriving', { tracks: missing.join(', ') })}</span>
            ) : null}
          </span>
        ) : null}
        {sitting.last_kinds.length > 0 ? (
          <span className={classes.kinds}>{sitting.last_kinds.map((kind) => t(`ui:kind.${kind}`)).join(' · ')}</span>
        ) : null}
      </Link>
    </li>
  )
})
