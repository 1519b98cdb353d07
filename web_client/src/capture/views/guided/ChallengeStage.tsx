import { ArrowLeft, ArrowRight, Circle } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { type ChecksState, isDotPlace, type TaskPrompt } from '../../checks'
import type { SittingForCandidate } from '../../contract'
import type { Gear } from '../../gear'
import { CameraPicture } from '../CameraPicture'
import { CheckStage, NotYetOrStop } from './CheckStage'
import classes from './Stage.module.css'

interface ChallengeStageProps {
  readonly gear: Gear
  readonly sitting: SittingForCandidate
  readonly state: ChecksState
}

/** One thing to do at a time, in large letters; the dot with its words is where to look. Before the first, three seconds. */
export function ChallengeStage({ gear, sitting, state }: ChallengeStageProps) {
  const { t } = useTranslation(['challenge', 'capture'])
  const { countdown } = state
  const told = state.running.prompt ?? 'rest'
  const prompt = isDotPlace(told) ? 'rest' : told
  const waits = state.open?.state === 'asked'
  return (
    <CheckStage
      gear={gear}
      sitting={sitting}
      title={t('running')}
      colour={waits ? 'rest' : prompt}
      corner={
        // Only until it begins: people look at themselves, and not at the middle or at the dot.
        waits ? (
          <CameraPicture
            track={gear.devices.track('camera')}
            label={t('capture:photograph.preview')}
            className={classes.mirror}
          />
        ) : null
      }
      action={<NotYetOrStop gear={gear} state={state} />}
    >
      <div className={classes.prompt} data-prompt={waits ? 'countdown' : prompt}>
        {waits ? (
          <span className={classes.count} aria-hidden>
            {countdown ?? ''}
          </span>
        ) : (
          <PromptSign prompt={prompt} />
        )}
        <p className={classes.words} role="alert">
          {waits ? t('get_ready') : t(`prompt.${prompt}`)}
        </p>
        <p className={classes.promptNote}>{isTurn(prompt) && !waits ? t('and_back') : ''}</p>
      </div>
      {state.problem === null ? null : <ProblemNotice error={state.problem} />}
    </CheckStage>
  )
}

function isTurn(prompt: TaskPrompt): boolean {
  return prompt === 'turn_left' || prompt === 'turn_right'
}

/** The page works as a mirror: its left is the person's own left. */
function PromptSign({ prompt }: { prompt: TaskPrompt }) {
  switch (prompt) {
    case 'turn_left':
      return <ArrowLeft className={classes.arrow} aria-hidden />
    case 'turn_right':
      return <ArrowRight className={classes.arrow} aria-hidden />
    default:
      return <Circle className={classes.dot} aria-hidden />
  }
}
