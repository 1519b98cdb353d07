import {
  AppWindow,
  Camera,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  FileVideo,
  Loader,
  Mic,
  Monitor,
  Wifi,
} from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CheckName } from '../contract'
import type { CheckState } from '../equipment'
import type { Gear } from '../gear'
import { CameraPicture } from './CameraPicture'
import classes from './Equipment.module.css'
import { LevelBar } from './LevelBar'
import { useWatched } from './useWatched'

const CHECK_ICONS = {
  browser: AppWindow,
  camera: Camera,
  microphone: Mic,
  screen: Monitor,
  network: Wifi,
  codec: FileVideo,
} as const

const STATE_ICONS = { waiting: CircleDashed, running: Loader, ok: CircleCheck, blocked: CircleAlert } as const

/** One check: icon, name, outcome in words, and what to do where it needs help. */
export function CheckRow({ check, state, gear }: { check: CheckName; state: CheckState; gear: Gear }) {
  const { t } = useTranslation('capture')
  const devices = useWatched(gear.devices.states)
  const Icon = CHECK_ICONS[check]
  const StateIcon = STATE_ICONS[state.state]
  return (
    <li className={classes.row} data-state={state.state} data-check={check}>
      <div className={classes.line}>
        <Icon size={18} aria-hidden className={classes.icon} />
        <span className={classes.name}>{t(`check.${check}`)}</span>
        <span className={classes.outcome}>
          <StateIcon size={16} aria-hidden /> {t(`check_state.${state.state}`)}
        </span>
      </div>
      {check === 'camera' && devices.camera === 'live' ? (
        <CameraPicture
          track={gear.devices.track('camera')}
          label={t('equipment.preview')}
          className={classes.preview}
        />
      ) : null}
      {check === 'microphone' && devices.microphone === 'live' ? <LevelBar level={gear.equipment.level} /> : null}
      {state.blocker === undefined ? null : (
        <div className={classes.blocker}>
          <p className={classes.blockerTitle}>{t(`blocker.${state.blocker}.title`)}</p>
          <p>{t(`blocker.${state.blocker}.remedy`)}</p>
          {state.code === undefined ? null : <p>{t('equipment.server_code', { code: state.code })}</p>}
        </div>
      )}
    </li>
  )
}
