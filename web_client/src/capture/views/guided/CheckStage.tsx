import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChecksState } from '../../checks'
import type { SittingForCandidate } from '../../contract'
import type { Gear } from '../../gear'
import { Interruptions } from '../Interruptions'
import { Messages } from '../Messages'
import classes from './Stage.module.css'

interface CheckStageProps {
  readonly gear: Gear
  readonly sitting: SittingForCandidate
  readonly title: string
  /** The colour of the whole window; neutral by default. */
  readonly colour?: string | undefined
  /** Beside the title. */
  readonly corner?: ReactNode
  readonly children: ReactNode
  readonly action: ReactNode
}

/** The whole window for a running check: nothing else can be reached until it ends, and it says what breaks. */
export function CheckStage({ gear, sitting, title, colour = 'page', corner, children, action }: CheckStageProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const name = useId()
  // A layout effect: the dialog must close before React takes it out of the page.
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    heading.current?.focus()
    return () => element?.close()
  }, [])
  useClosedOnlyByItsButtons(dialog)
  return (
    <dialog ref={dialog} className={classes.stage} data-colour={colour} aria-labelledby={name}>
      <div className={classes.inner}>
        <div className={classes.head}>
          <h2 ref={heading} id={name} tabIndex={-1} className={classes.title}>
            {title}
          </h2>
          {corner}
        </div>
        <Interruptions gear={gear} sitting={sitting} />
        <Messages gear={gear} />
        {children}
        <div className={classes.action}>{action}</div>
      </div>
    </dialog>
  )
}

/** Escape, which also leaves full screen, must not end a check by accident. */
function useClosedOnlyByItsButtons(dialog: { readonly current: HTMLDialogElement | null }): void {
  useEffect(() => {
    const element = dialog.current
    if (element === null) return undefined
    const stay = (event: Event) => event.preventDefault()
    const reopen = () => {
      if (element.isConnected && !element.open) element.showModal()
    }
    element.addEventListener('cancel', stay)
    element.addEventListener('close', reopen)
    return () => {
      element.removeEventListener('cancel', stay)
      element.removeEventListener('close', reopen)
    }
  }, [dialog])
}

/** Until a check begins it can be put off; from then on it can be ended. */
export function NotYetOrStop({ gear, state }: { gear: Gear; state: ChecksState }) {
  const { t } = useTranslation('capture')
  if (state.open?.state !== 'asked') return <StopButton gear={gear} state={state} />
  return (
    <Button size="md" variant="default" onClick={() => gear.checks.notYet()}>
      {t('guided.not_yet')}
    </Button>
  )
}

/** Ends the check as far as it came; after that there is only its result to wait for. */
export function StopButton({ gear, state }: { gear: Gear; state: ChecksState }) {
  const { t } = useTranslation('capture')
  if (state.judging) return <p role="status">{t('guided.judging')}</p>
  return (
    <Button size="md" variant="default" loading={state.busy === 'stop'} onClick={() => void gear.checks.stop()}>
      {t('guided.stop')}
    </Button>
  )
}
