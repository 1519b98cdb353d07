import { Button } from '@mantine/core'
import { Clock, Maximize, Rotate3d, Save, ScanFace, UserRound, Wifi } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { SittingForCandidate } from '../contract'
import type { SittingFlow } from '../sitting_flow'
import { StepPage } from './StepPage'
import classes from './Steps.module.css'
import { useWatched } from './useWatched'

function hasOpeningChecks({ steps }: SittingForCandidate): boolean {
  return steps.room_scan_at_start || steps.challenge_at_start
}

/** The last page before the recording begins. */
export function ReadyStep({ flow }: { flow: SittingFlow }) {
  const { t } = useTranslation('capture')
  const state = useWatched(flow.state)
  const { sitting } = state
  if (sitting === null) return null
  return (
    <StepPage
      state={state}
      title={t('ready.title')}
      lead={hasOpeningChecks(sitting) ? t('ready.lead_checks') : t('ready.lead')}
      action={
        <Button size="lg" loading={state.busy === 'start'} onClick={() => void flow.start()}>
          {t('ready.start')}
        </Button>
      }
    >
      <div className={classes.sheet}>
        <ul className={classes.list}>
          {sitting.steps.room_scan_at_start ? (
            <li>
              <Rotate3d size={18} aria-hidden /> {t('ready.room_scan')}
            </li>
          ) : null}
          {sitting.steps.challenge_at_start ? (
            <li>
              <ScanFace size={18} aria-hidden /> {t('ready.challenge')}
            </li>
          ) : null}
          <li>
            <Clock size={18} aria-hidden /> {t('ready.minutes', { minutes: sitting.exam.duration_minutes })}
          </li>
          {sitting.exam.kind === 'embedded' ? (
            <li>
              <Save size={18} aria-hidden /> {t('ready.questions')}
            </li>
          ) : null}
          {sitting.steps.fullscreen ? (
            <li>
              <Maximize size={18} aria-hidden /> {t('ready.fullscreen')}
            </li>
          ) : null}
          <li>
            <Wifi size={18} aria-hidden /> {t('ready.break')}
          </li>
          <li>
            <UserRound size={18} aria-hidden /> {t('ready.person')}
          </li>
        </ul>
      </div>
    </StepPage>
  )
}
