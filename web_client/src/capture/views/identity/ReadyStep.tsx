import { Button } from '@mantine/core'
import { Clock, Eye, Maximize, Rotate3d, Save, ScanFace, UserRound, Wifi } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { SittingForCandidate } from '../../contract'
import type { SittingFlow } from '../../sitting_flow'
import { StepPage } from '../StepPage'
import sheet from '../Steps.module.css'
import { useWatched } from '../useWatched'
import classes from './Ready.module.css'

/** As many as the server compares with. */
const MOST_PHOTOGRAPHS = 3

function hasOpeningChecks({ steps }: SittingForCandidate): boolean {
  return steps.room_scan_at_start || steps.challenge_at_start || steps.gaze_calibration
}

/** Which photographs there are, and the way to one more. */
function Photographs({ flow, photographs }: { flow: SittingFlow; photographs: number }) {
  const { t } = useTranslation('identity')
  return (
    <p className={classes.photographs}>
      <span>{t('add.count', { number: photographs, most: MOST_PHOTOGRAPHS })}</span>
      {photographs < MOST_PHOTOGRAPHS ? (
        <Button size="compact-sm" variant="default" onClick={() => flow.addPhotograph(true)}>
          {t('add.open')}
        </Button>
      ) : null}
    </p>
  )
}

/** The last page before the recording begins. */
export function ReadyStep({ flow }: { flow: SittingFlow }) {
  const { t } = useTranslation('identity')
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
      {sitting.photographs === 0 ? null : <Photographs flow={flow} photographs={sitting.photographs} />}
      <div className={sheet.sheet}>
        <ul className={sheet.list}>
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
          {sitting.steps.gaze_calibration ? (
            <li>
              <Eye size={18} aria-hidden /> {t('ready.gaze_calibration')}
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
