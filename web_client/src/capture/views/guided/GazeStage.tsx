import { Circle } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { type ChecksState, isDotPlace } from '../../checks'
import type { SittingForCandidate } from '../../contract'
import type { Gear } from '../../gear'
import { CheckStage, NotYetOrStop } from './CheckStage'
import classes from './Stage.module.css'

interface GazeStageProps {
  readonly gear: Gear
  readonly sitting: SittingForCandidate
  readonly state: ChecksState
}

/** A dot that stands still in one place and then in another; no words beside it, because eyes would go to them. */
export function GazeStage({ gear, sitting, state }: GazeStageProps) {
  const { t } = useTranslation('gaze')
  const told = state.running.prompt
  const place = told !== null && isDotPlace(told) ? told : 'gaze_middle'
  const waits = state.open?.state === 'asked'
  return (
    <CheckStage
      gear={gear}
      sitting={sitting}
      title={t('running')}
      colour="rest"
      action={<NotYetOrStop gear={gear} state={state} />}
    >
      {waits ? (
        <div className={classes.prompt} data-prompt="countdown">
          <span className={classes.count} aria-hidden>
            {state.countdown ?? ''}
          </span>
          <p className={classes.words} role="alert">
            {t('get_ready')}
          </p>
        </div>
      ) : (
        <div className={classes.gaze} data-prompt={place}>
          {state.judging ? null : <Circle className={classes.gazeDot} aria-hidden />}
          <p className="visually-hidden" role="status">
            {t(`place.${place}`)}
          </p>
        </div>
      )}
      {state.problem === null ? null : <ProblemNotice error={state.problem} />}
    </CheckStage>
  )
}
