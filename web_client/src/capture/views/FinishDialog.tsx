import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Dialog } from '@/ui/Dialog'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { type Answers } from '../answers'
import type { Gear } from '../gear'
import type { SittingFlow } from '../sitting_flow'
import { Store, type Watched } from '../store'
import classes from './Exam.module.css'
import { useWatched } from './useWatched'

const NO_ANSWERS: Watched<Answers> = new Store<Answers>({})

/** Finishing is asked for twice, and says what of the answers is safe. */
export function FinishDialog({ flow, gear, onClose }: { flow: SittingFlow; gear: Gear; onClose: () => void }) {
  const { t } = useTranslation('capture')
  const state = useWatched(flow.state)
  const answers = Object.values(useWatched(gear.answers?.answers ?? NO_ANSWERS))
  const empty = answers.filter(({ safety }) => safety === 'empty').length
  const saved = answers.every(({ safety }) => safety === 'empty' || safety === 'saved')
  return (
    <Dialog title={t('exam.finish_title')} onClose={onClose}>
      <div className={classes.finish}>
        <p>{t('exam.finish_text')}</p>
        {answers.length === 0 ? null : <p>{saved ? t('exam.finish_saved') : t('exam.finish_unsaved')}</p>}
        {empty === 0 ? null : <p>{t('exam.finish_empty', { number: empty })}</p>}
        {state.problem?.action === 'finish' ? <ProblemNotice error={state.problem.error} /> : null}
        <div className={classes.finishActions}>
          <Button loading={state.busy === 'finish'} onClick={() => void flow.finish()}>
            {t('exam.finish')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('exam.finish_back')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
