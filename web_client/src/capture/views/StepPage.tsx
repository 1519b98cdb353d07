import { Clock, ShieldCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { useLanguage } from '@/i18n'
import { pick } from '@/i18n/language'
import { PageTitle } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import type { SittingForCandidate } from '../contract'
import { type FlowState, milestoneOf, stepOf } from '../sitting'
import { Milestones } from './Milestones'
import classes from './Steps.module.css'

interface StepPageProps {
  readonly state: FlowState
  readonly title: string
  readonly lead?: string | undefined
  /** How long it takes. */
  readonly time?: string | undefined
  /** Whether what was done so far is safe, or what is being recorded. */
  readonly safe?: string | undefined
  readonly children?: ReactNode
  /** The one action of the step. */
  readonly action?: ReactNode
  /** Ends a problem that is shown. */
  readonly onRetry?: (() => void) | undefined
}

/** One column, one action: the frame of every step before and after the exam. */
export function StepPage({ state, title, lead, time, safe, children, action, onRetry }: StepPageProps) {
  const milestone = milestoneOf(stepOf(state))
  return (
    <div className={classes.page}>
      {state.sitting === null ? null : <ExamName sitting={state.sitting} />}
      {state.sitting === null || milestone === null ? null : <Milestones sitting={state.sitting} now={milestone} />}
      <PageTitle key={title}>{title}</PageTitle>
      {lead === undefined ? null : <p className={classes.lead}>{lead}</p>}
      {time === undefined && safe === undefined ? null : (
        <ul className={classes.facts}>
          {time === undefined ? null : (
            <li>
              <Clock size={16} aria-hidden /> {time}
            </li>
          )}
          {safe === undefined ? null : (
            <li>
              <ShieldCheck size={16} aria-hidden /> {safe}
            </li>
          )}
        </ul>
      )}
      {children}
      {state.problem === null ? null : (
        <ProblemNotice error={state.problem.error} {...(onRetry === undefined ? {} : { onRetry })} />
      )}
      {action === undefined ? null : <div className={classes.action}>{action}</div>}
    </div>
  )
}

function ExamName({ sitting }: { sitting: SittingForCandidate }) {
  const language = useLanguage()
  return <p className={classes.examName}>{pick(sitting.exam.title, language)}</p>
}
