import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChecksState } from '../../checks'
import type { CheckTrack } from '../../contract'
import type { Gear } from '../../gear'
import classes from './Guided.module.css'
import { PhoneDoor } from './PhoneDoor'

const TRACKS: readonly CheckTrack[] = ['camera', 'phone']

interface TrackChoiceProps {
  readonly gear: Gear
  readonly state: ChecksState
}

/** With which camera the room is recorded; a telephone is let in here. */
export function TrackChoice({ gear, state }: TrackChoiceProps) {
  const { t } = useTranslation('capture')
  const name = useId()
  return (
    <>
      <fieldset className={classes.choice}>
        <legend>{t('guided.with')}</legend>
        {TRACKS.map((track) => (
          <label key={track} className={classes.option} data-chosen={state.track === track}>
            <input
              type="radio"
              name={name}
              value={track}
              checked={state.track === track}
              aria-labelledby={`${name}-${track}`}
              aria-describedby={`${name}-${track}-note`}
              onChange={() => gear.checks.choose(track)}
            />
            <span id={`${name}-${track}`} className={classes.optionName}>
              {t(`guided.track.${track}.name`)}
            </span>
            <span id={`${name}-${track}-note`} className={classes.note}>
              {t(`guided.track.${track}.note`)}
            </span>
          </label>
        ))}
      </fieldset>
      {state.track === 'phone' ? <PhoneDoor gear={gear} state={state} /> : null}
    </>
  )
}
