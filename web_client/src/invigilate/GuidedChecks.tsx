import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Rotate3d, ScanFace, Undo2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, unwrap } from '@/api/client'
import { queryClient } from '@/api/queries'
import type { Check, CheckKind, SittingSummary } from '@/api/types'
import { CheckCard } from '@/checks/CheckCard'
import { OutcomeMark } from '@/checks/OutcomeMark'
import { checksQuery } from '@/checks/queries'
import { useLanguage } from '@/i18n'
import { duration, number } from '@/i18n/format'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { Instant } from '@/ui/Time'
import classes from './GuidedChecks.module.css'

const FULL_DEG = 360
const KINDS = [
  { kind: 'room_scan', Icon: Rotate3d },
  { kind: 'challenge', Icon: ScanFace },
] as const satisfies readonly { kind: CheckKind; Icon: unknown }[]

type OpenCheck = NonNullable<SittingSummary['check']>

interface AskProps {
  readonly busy: boolean
  readonly onAsk: (kind: CheckKind) => void
}

function AskButtons({ busy, onAsk }: AskProps) {
  const { t } = useTranslation('invigilate')
  return KINDS.map(({ kind, Icon }) => (
    <Button
      key={kind}
      size="compact-sm"
      variant="default"
      disabled={busy}
      leftSection={<Icon size={15} aria-hidden />}
      onClick={() => onAsk(kind)}
    >
      {t(`checks.ask.${kind}`)}
    </Button>
  ))
}

interface OpenProps {
  readonly check: OpenCheck
  readonly busy: boolean
  readonly onWithdraw: () => void
}

/** How far the open check is, and the way to take it back. */
function OpenCheckRow({ check, busy, onWithdraw }: OpenProps) {
  const { t } = useTranslation('invigilate')
  const language = useLanguage()
  const deg = check.coverage_deg
  const shown = deg === null ? '' : t('checks.shown', { deg: number(deg, language, 0) })
  return (
    <>
      {deg === null ? null : (
        <span className={classes.coverage}>
          <progress max={FULL_DEG} value={deg} aria-label={shown} />
          <span aria-hidden>{shown}</span>
        </span>
      )}
      <Button
        size="compact-sm"
        variant="default"
        disabled={busy}
        leftSection={<Undo2 size={15} aria-hidden />}
        onClick={onWithdraw}
      >
        {t('checks.withdraw')}
      </Button>
    </>
  )
}

/** What is asked for or done at this moment, in words; once it has ended only said aloud, for its row shows it. */
function Standing({ open, latest }: { open: OpenCheck | null; latest: Check | undefined }) {
  const { t } = useTranslation('checks')
  const said = open ?? latest
  const ended = open === null ? latest?.outcome : undefined
  return (
    <p role="status" className={open === null ? 'visually-hidden' : classes.open}>
      {said ? <strong>{t(`kind.${said.check}`)}</strong> : null}{' '}
      {open ? t(open.state === 'begun' ? 'state.begun' : 'state.asked') : null}
      {ended ? t(`outcome.${ended}`) : null}
    </p>
  )
}

interface EndedProps {
  readonly check: Check
  /** It ended while the page showed it running: its result is what the person waits for. */
  readonly awaited: boolean
  readonly onPlay: (ms: number) => void
}

function EndedRow({ check, awaited, onPlay }: EndedProps) {
  const { t } = useTranslation('checks')
  return (
    <li>
      <details open={awaited || undefined}>
        <summary>
          <span className={classes.when}>
            {check.start_ms === null ? <Instant at={check.asked_at} clockOnly /> : duration(check.start_ms)}
          </span>
          <span>{t(`kind.${check.check}`)}</span>
          {check.outcome === null ? null : <OutcomeMark outcome={check.outcome} />}
        </summary>
        <CheckCard check={check} onPlay={onPlay} />
      </details>
    </li>
  )
}

/** The sitting's checks, fetched again whenever the open one changes its state. */
function useChecks(sittingId: string, open: OpenCheck | null) {
  const checks = useQuery(checksQuery(sittingId))
  const stamp = open === null ? '' : `${open.check_id} ${open.state}`
  const known = useRef(stamp)
  useEffect(() => {
    if (known.current === stamp) return
    known.current = stamp
    void queryClient.invalidateQueries({ queryKey: checksQuery(sittingId).queryKey })
  }, [sittingId, stamp])
  return checks
}

interface ChecksProps {
  readonly sitting: SittingSummary
  readonly onPlay: (ms: number) => void
}

/** What the candidate can be asked to do before a camera, what is being done, and what it gave. */
export function GuidedChecks({ sitting, onPlay }: ChecksProps) {
  const { t } = useTranslation('invigilate')
  const sittingId = sitting.sitting_id
  const [awaited, setAwaited] = useState<ReadonlySet<string>>(new Set())
  const checks = useChecks(sittingId, sitting.check)
  const changed = () => queryClient.invalidateQueries({ queryKey: checksQuery(sittingId).queryKey })
  const ask = useMutation({
    mutationFn: (check: CheckKind) =>
      unwrap(
        api.POST('/api/sittings/{sitting_id}/checks', { params: { path: { sitting_id: sittingId } }, body: { check } }),
      ),
    onSettled: changed,
  })
  const withdraw = useMutation({
    mutationFn: (check_id: string) =>
      unwrap(
        api.POST('/api/sittings/{sitting_id}/checks/{check_id}/withdraw', {
          params: { path: { sitting_id: sittingId, check_id } },
        }),
      ),
    onSettled: changed,
  })
  const { check: open } = sitting
  if (open !== null && !awaited.has(open.check_id)) setAwaited(new Set(awaited).add(open.check_id))
  const ended = checks.data?.filter((check) => check.state === 'ended').toReversed() ?? []
  const running = sitting.state === 'running'
  if (!running && ended.length === 0) return null
  const failure = ask.error ?? withdraw.error ?? checks.error
  const press = (act: () => void) => {
    ask.reset()
    withdraw.reset()
    act()
  }
  return (
    <section className={classes.checks} aria-label={t('checks.title')}>
      {running ? (
        <div className={classes.bar}>
          <Standing open={open} latest={ended.find((check) => awaited.has(check.check_id))} />
          {open === null ? (
            <AskButtons busy={ask.isPending} onAsk={(kind) => press(() => ask.mutate(kind))} />
          ) : (
            <OpenCheckRow
              check={open}
              busy={withdraw.isPending}
              onWithdraw={() => press(() => withdraw.mutate(open.check_id))}
            />
          )}
        </div>
      ) : null}
      {failure ? <ProblemNotice error={failure} /> : null}
      {ended.length === 0 ? null : (
        <ul className={classes.ended}>
          {ended.map((check) => (
            <EndedRow key={check.check_id} check={check} awaited={awaited.has(check.check_id)} onPlay={onPlay} />
          ))}
        </ul>
      )}
    </section>
  )
}
