import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Dialog } from '@/ui/Dialog'
import type { ChecksState } from '../../checks'
import type { Gear } from '../../gear'
import classes from './Guided.module.css'

interface DeclineDialogProps {
  readonly gear: Gear
  readonly state: ChecksState
  readonly onClose: () => void
}

/** Declining is explained before it is said. */
export function DeclineDialog({ gear, state, onClose }: DeclineDialogProps) {
  const { t } = useTranslation('capture')
  return (
    <Dialog title={t('guided.decline_title')} onClose={onClose}>
      <div className={classes.dialog}>
        <p>{t('guided.decline_text')}</p>
        <p>{t('guided.decline_person')}</p>
        <div className={classes.actions}>
          <Button loading={state.busy === 'decline'} onClick={() => void gear.checks.decline().then(onClose)}>
            {t('guided.decline_confirm')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('guided.decline_back')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
