import { Link } from '@tanstack/react-router'
import { Rotate3d, ScanFace, UserRound, WifiOff } from 'lucide-react'
import { memo, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { SittingSummary } from '@/api/types'
import { useLanguage } from '@/i18n'
import { duration, number } from '@/i18n/format'
import { SeverityMark } from '@/ui/SeverityMark'
import { type CheckSummary, levelOf, sectionOf, standOf } from './model/attention'
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

/** What the candidate was asked to do before a camera, and how far it is. */
function OpenCheck({ check }: { check: CheckSummary }) {
  const { t } = useTranslation('invigilate')
  const language = useLanguage()
  const Icon = check.check === 'room_scan' ? Rotate3d : ScanFace
  return (
    <span className={classes.check} data-check={check.state}>
      <Icon size={13} aria-hidden />
      {t(standOf(check), { what: t(`row.check.${check.check}`), deg: number(check.coverage_deg ?? 0, language, 0) })}
    </span>
  )
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
            {sitting.check === null ? null : <OpenCheck check={sitting.check} />}
          </span>
        ) : null}
        {sitting.last_kinds.length > 0 ? (
          <span className={classes.kinds}>{sitting.last_kinds.map((kind) => t(`ui:kind.${kind}`)).join(' · ')}</span>
        ) : null}
      </Link>
    </li>
  )
})
