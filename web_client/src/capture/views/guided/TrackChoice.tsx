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
          <div key={track} className={classes.option} data-chosen={state.track === track}>
            <input
              id={`${name}-${track}`}
              type="radio"
              name={name}
              value={track}
              checked={state.track === track}
              aria-describedby={`${name}-${track}-note`}
              onChange={() => gear.checks.choose(track)}
            />
            <label htmlFor={`${name}-${track}`}>{t(`guided.track.${track}.name`)}</label>
            <span id={`${name}-${track}-note`} className={classes.note}>
              {t(`guided.track.${track}.note`)}
            </span>
          </div>
        ))}
      </fieldset>
      {state.track === 'phone' ? <PhoneDoor gear={gear} state={state} /> : null}
    </>
  )
}
