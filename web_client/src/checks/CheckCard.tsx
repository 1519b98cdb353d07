import { Button } from '@mantine/core'
import { Play } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import type { Check } from '@/api/types'
import { duration } from '@/i18n/format'
import { Loading } from '@/ui/Page'
import { Instant } from '@/ui/Time'
import classes from './Check.module.css'

/** Most sittings have none: fetched when there is one to show. */
const Findings = lazy(async () => ({ default: (await import('./Findings')).Findings }))

interface CardProps {
  readonly check: Check
  readonly onPlay: (ms: number) => void
}

/** Who asked for a check and when, what its outcome means, and what it found; its name and outcome stand above it. */
export function CheckCard({ check, onPlay }: CardProps) {
  const { t } = useTranslation(['checks', 'ui'])
  const { outcome, start_ms: start } = check
  return (
    <div className={classes.card} data-check={check.check_id}>
      <div className={classes.head}>
        <p>{outcome === null ? t(`state.${check.state === 'begun' ? 'begun' : 'asked'}`) : t(`outcome_hint.${outcome}`)}</p>
        {start === null ? null : (
          <Button
            size="compact-sm"
            variant="default"
            className={classes.play ?? ''}
            leftSection={<Play size={14} aria-hidden />}
            onClick={() => onPlay(start)}
          >
            {t('play', { at: duration(start) })}
          </Button>
        )}
      </div>
      <p className={classes.quiet}>
        {check.by_policy ? t('asked_by_policy') : t('asked_by', { name: check.asked_by ?? t('ui:role.invigilator') })}
        {' · '}
        <Instant at={check.asked_at} clockOnly />
        {check.track === null ? null : ` · ${t(`ui:track.${check.track}`)}`}
        {start === null || check.end_ms === null ? null : ` · ${duration(start)}–${duration(check.end_ms)}`}
      </p>
      {check.result === null ? null : (
        <Suspense fallback={<Loading />}>
          <Findings check={check} onPlay={onPlay} />
        </Suspense>
      )}
    </div>
  )
}
