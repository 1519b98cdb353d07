import { Button } from '@mantine/core'
import { ArrowLeft, ArrowRight, Circle } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { ProblemNotice } from '@/ui/ProblemNotice'
import type { ChecksState, Prompt } from '../../checks'
import type { SittingForCandidate } from '../../contract'
import type { Gear } from '../../gear'
import { CameraPicture } from '../CameraPicture'
import { CheckStage, StopButton } from './CheckStage'
import classes from './Stage.module.css'

interface ChallengeStageProps {
  readonly gear: Gear
  readonly sitting: SittingForCandidate
  readonly state: ChecksState
}

/** One thing to do at a time, in large letters; before the first, three seconds to sit straight. */
export function ChallengeStage({ gear, sitting, state }: ChallengeStageProps) {
  const { t } = useTranslation('capture')
  const { countdown } = state
  const prompt = state.running.prompt ?? 'rest'
  const waits = state.open?.state === 'asked'
  return (
    <CheckStage
      gear={gear}
      sitting={sitting}
      title={t('guided.challenge.running')}
      colour={waits ? 'rest' : prompt}
      corner={
        <CameraPicture
          track={gear.devices.track('camera')}
          label={t('photograph.preview')}
          className={classes.mirror}
        />
      }
      action={
        waits ? (
          <Button size="md" variant="default" onClick={() => gear.checks.notYet()}>
            {t('guided.not_yet')}
          </Button>
        ) : (
          <StopButton gear={gear} state={state} />
        )
      }
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
          {waits ? t('guided.challenge.get_ready') : t(`guided.prompt.${prompt}`)}
        </p>
        <p className={classes.promptNote}>{waits ? '' : noteOf(prompt, t)}</p>
      </div>
      {state.problem === null ? null : <ProblemNotice error={state.problem} />}
    </CheckStage>
  )
}

function noteOf(prompt: Prompt, t: (key: 'guided.challenge.and_back') => string): string {
  return prompt === 'turn_left' || prompt === 'turn_right' ? t('guided.challenge.and_back') : ''
}

/** The page works as a mirror: its left is the person's own left. */
function PromptSign({ prompt }: { prompt: Prompt }) {
  switch (prompt) {
    case 'turn_left':
      return <ArrowLeft className={classes.arrow} aria-hidden />
    case 'turn_right':
      return <ArrowRight className={classes.arrow} aria-hidden />
    default:
      return <Circle className={classes.dot} aria-hidden />
  }
}
