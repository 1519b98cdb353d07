import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLanguage } from '@/i18n'
import { ProblemNotice } from '@/ui/ProblemNotice'
import type { ChecksState } from '../../checks'
import type { SittingForCandidate } from '../../contract'
import type { Gear } from '../../gear'
import type { Paced } from '../../hint_pacer'
import { HintVoice } from '../../hint_voice'
import { CameraPicture } from '../CameraPicture'
import { useWatched } from '../useWatched'
import { CheckStage, StopButton } from './CheckStage'
import classes from './Stage.module.css'
import { Switch } from './Switch'
import { TurnRing } from './TurnRing'

interface RoomScanStageProps {
  readonly gear: Gear
  readonly sitting: SittingForCandidate
  readonly state: ChecksState
}

/** The room is being recorded: one's own picture, how far round it came, and the one thing to do now. */
export function RoomScanStage({ gear, sitting, state }: RoomScanStageProps) {
  const { t } = useTranslation('capture')
  const byPhone = state.open?.track === 'phone'
  const { paced } = state.running
  return (
    <CheckStage
      gear={gear}
      sitting={sitting}
      title={t('guided.room_scan.running')}
      action={<StopButton gear={gear} state={state} />}
    >
      <p className={classes.hint} role="status" data-hint={paced.hint ?? 'none'}>
        {state.judging
          ? t('guided.room_scan.stopped')
          : paced.hint === null
            ? t('guided.room_scan.first')
            : t(`guided.hint.${paced.hint}`)}
      </p>
      <div className={classes.scan} data-phone={byPhone}>
        {byPhone ? (
          <p className={classes.lead}>{t('guided.room_scan.on_phone')}</p>
        ) : (
          <CameraPicture
            track={gear.devices.track('camera')}
            label={t('equipment.preview')}
            className={classes.picture}
          />
        )}
        <div className={classes.beside}>
          <TurnRing running={state.running} />
          <p className={classes.note}>{t('guided.room_scan.sides')}</p>
          {byPhone ? null : <HeardHints paced={paced} />}
        </div>
      </div>
      {state.problem === null ? null : <ProblemNotice error={state.problem} />}
    </CheckStage>
  )
}

/** Says each new hint aloud until it is switched off. On the telephone it is the telephone that speaks. */
function HeardHints({ paced }: { paced: Paced }) {
  const { t } = useTranslation('capture')
  const [on, setOn] = useState(true)
  const language = useLanguage()
  const [voice] = useState(
    () => new HintVoice({ language, synthesis: window.speechSynthesis, newAudio: () => new AudioContext() }),
  )
  useEffect(() => () => voice.close(), [voice])
  const kind = useWatched(voice.kind)
  const { said } = paced
  const words = said === null ? null : t(`guided.hint.${said.hint}`)
  const count = said?.count ?? 0
  useEffect(() => {
    if (on && count > 0 && words !== null) voice.say(words)
  }, [on, count, words, voice])
  return (
    <Switch checked={on} onChange={setOn}>
      {kind === 'voice' ? t('guided.voice') : t('guided.tone')}
    </Switch>
  )
}
