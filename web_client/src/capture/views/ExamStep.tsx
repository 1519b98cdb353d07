import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLanguage } from '@/i18n'
import { pick } from '@/i18n/language'
import { PageTitle } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import type { Gear } from '../gear'
import type { SittingFlow } from '../sitting_flow'
import classes from './Exam.module.css'
import { ExamFrame } from './ExamFrame'
import { FinishDialog } from './FinishDialog'
import { GuidedPart } from './guided/GuidedPart'
import { Interruptions } from './Interruptions'
import { LeaveDialog } from './LeaveDialog'
import { Messages } from './Messages'
import { ProctoringPanel } from './ProctoringPanel'
import { Questions } from './Questions'
import { Remaining } from './Remaining'
import { useWatched } from './useWatched'

/** The exam: what the candidate came for, with the proctoring folded to a line above it. */
export function ExamStep({ flow, gear }: { flow: SittingFlow; gear: Gear }) {
  const { t } = useTranslation('capture')
  const language = useLanguage()
  const state = useWatched(flow.state)
  const [finishing, setFinishing] = useState(false)
  const { sitting } = state
  if (sitting === null) return null
  const { exam } = sitting
  return (
    <div className={classes.exam} data-kind={exam.kind}>
      <div className={classes.top}>
        <div className={classes.heading}>
          <PageTitle>{pick(exam.title, language)}</PageTitle>
          {sitting.opening ? <p className={classes.remaining}>{t('exam.not_begun')}</p> : <Remaining flow={flow} />}
        </div>
        <ProctoringPanel gear={gear} sitting={sitting} />
      </div>
      <Interruptions gear={gear} sitting={sitting} />
      <Messages gear={gear} />
      <GuidedPart gear={gear} sitting={sitting} />
      {sitting.opening ? (
        <OpeningNote gear={gear} />
      ) : exam.kind === 'url' && exam.url != null ? (
        <ExamFrame url={exam.url} title={pick(exam.title, language)} />
      ) : gear.answers === null ? null : (
        <Questions questions={exam.questions} book={gear.answers} />
      )}
      {state.problem === null ? null : (
        <ProblemNotice error={state.problem.error} onRetry={() => void flow.refresh()} />
      )}
      <div className={classes.end}>
        <Button size="md" variant="default" onClick={() => setFinishing(true)}>
          {t('exam.finish')}
        </Button>
      </div>
      <LeaveDialog />
      {finishing ? <FinishDialog flow={flow} gear={gear} onClose={() => setFinishing(false)} /> : null}
    </div>
  )
}

/** In place of the questions while the checks before them are not over. */
function OpeningNote({ gear }: { gear: Gear }) {
  const { t } = useTranslation('capture')
  const checks = useWatched(gear.checks.state)
  return (
    <p className={classes.opening} role="status">
      {checks.open === null ? t('guided.opening_wait') : t('guided.opening')}
    </p>
  )
}
