import { Button } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Dialog } from '@/ui/Dialog'
import classes from './Exam.module.css'

/** While it is shown, the page is not left by one careless click: the frame offers no way out, and leaving is asked for twice. */
export function LeaveDialog() {
  const { t } = useTranslation('capture')
  const leaving = useBlocker({ shouldBlockFn: () => true, enableBeforeUnload: true, withResolver: true })
  useEffect(() => {
    document.documentElement.dataset['sitting'] = 'running'
    return () => {
      delete document.documentElement.dataset['sitting']
    }
  }, [])
  if (leaving.status !== 'blocked') return null
  return (
    <Dialog title={t('exam.leave_title')} onClose={leaving.reset}>
      <div className={classes.finish}>
        <p>{t('exam.leave_text')}</p>
        <div className={classes.finishActions}>
          <Button data-autofocus onClick={leaving.reset}>
            {t('exam.leave_stay')}
          </Button>
          <Button variant="default" onClick={leaving.proceed}>
            {t('exam.leave_go')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
