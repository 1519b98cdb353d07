import { Button } from '@mantine/core'
import { CircleCheck } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Instant } from '@/ui/Time'
import type { ChecksState } from '../../checks'
import type { PhoneInvitation } from '../../contract'
import type { Gear } from '../../gear'
import { useWatched } from '../useWatched'
import classes from './Guided.module.css'

interface PhoneDoorProps {
  readonly gear: Gear
  readonly state: ChecksState
}

/** Lets one telephone in: a QR code to photograph, and whether it has come. */
export function PhoneDoor({ gear, state }: PhoneDoorProps) {
  const { t } = useTranslation('capture')
  const joined = useWatched(gear.checks.phoneJoined)
  const invitation = useWatched(gear.checks.invitation)
  if (joined) {
    return (
      <div className={classes.phone}>
        <p className={classes.joined} role="status">
          <CircleCheck size={18} aria-hidden /> {t('guided.phone.joined')}
        </p>
        <div className={classes.actions}>
          <Button variant="default" size="compact-sm" onClick={() => void gear.checks.sendPhoneAway()}>
            {t('guided.phone.send_away')}
          </Button>
        </div>
      </div>
    )
  }
  if (invitation === null) {
    return (
      <div className={classes.phone}>
        <p>{t('guided.phone.lead')}</p>
        <div className={classes.actions}>
          <Button variant="default" loading={state.busy === 'invite'} onClick={() => void gear.checks.invitePhone()}>
            {t('guided.phone.invite')}
          </Button>
        </div>
      </div>
    )
  }
  return <Invitation gear={gear} state={state} invitation={invitation} />
}

function Invitation({ gear, state, invitation }: { gear: Gear; state: ChecksState; invitation: PhoneInvitation }) {
  const { t } = useTranslation('capture')
  const { obstacle } = invitation
  return (
    <div className={classes.phone} data-invited>
      <img
        className={classes.code}
        src={`data:image/svg+xml;utf8,${encodeURIComponent(invitation.svg)}`}
        alt={t('guided.phone.code')}
      />
      <div className={classes.invited}>
        <ol className={classes.steps}>
          <li>{t('guided.phone.step_scan')}</li>
          <li>{t('guided.phone.step_allow')}</li>
          <li>{t('guided.phone.step_back')}</li>
        </ol>
        {obstacle === null ? null : <p className={classes.obstacle}>{t(`guided.phone.obstacle.${obstacle}`)}</p>}
        <details>
          <summary>{t('guided.phone.by_hand')}</summary>
          <p className={classes.address}>{invitation.url}</p>
        </details>
        <p className={classes.note} role="status">
          {t('guided.phone.waits')} {t('guided.phone.until')} <Instant at={invitation.expires_at} clockOnly />
        </p>
        <Button
          variant="default"
          size="compact-sm"
          loading={state.busy === 'invite'}
          onClick={() => void gear.checks.invitePhone()}
        >
          {t('guided.phone.again')}
        </Button>
      </div>
    </div>
  )
}
