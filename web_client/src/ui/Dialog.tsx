import { ActionIcon } from '@mantine/core'
import { X } from 'lucide-react'
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Dialog.module.css'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
}

/** The browser's own modal dialog: it keeps focus inside, closes with Escape and gives focus back. `data-autofocus` inside gets it first. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const { t } = useTranslation('ui')
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  // A layout effect: the dialog must close, and so give focus back, before React takes it out of the page.
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    element?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
    return () => element?.close()
  }, [])
  return (
    <dialog ref={dialog} className={classes.dialog} aria-labelledby={heading} onCancel={onClose}>
      <div className={classes.head}>
        <h2 id={heading}>{title}</h2>
        <ActionIcon variant="subtle" color="gray" c="inherit" aria-label={t('close')} title={t('close')} onClick={onClose}>
          <X size={18} aria-hidden />
        </ActionIcon>
      </div>
      {children}
    </dialog>
  )
}
