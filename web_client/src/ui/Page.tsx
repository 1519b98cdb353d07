import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Page.module.css'

interface PageTitleProps {
  readonly children: string
  /** Hides the heading from sight; it still names the page for screen readers and takes focus. */
  readonly quiet?: boolean
}

let firstPage = true

/** The page's only h1. It names the browser tab and takes focus when the page replaces another one. */
export function PageTitle({ children, quiet = false }: PageTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${children} · Proctor`
  }, [children])
  useEffect(() => {
    if (!firstPage) heading.current?.focus({ preventScroll: true })
    firstPage = false
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1} className={quiet ? 'visually-hidden' : undefined}>
      {children}
    </h1>
  )
}

/** A page of one column: `narrow` for forms and reading, `wide` for tables. */
export function Page({ children, width = 'narrow' }: { children: ReactNode; width?: 'narrow' | 'wide' }) {
  return <div className={width === 'narrow' ? classes.narrow : classes.wide}>{children}</div>
}

/** Shown where a list is empty: what that means and what to do. */
export function EmptyState({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      {icon}
      <p className={classes.emptyTitle}>{title}</p>
      {children ? <div className={classes.emptyText}>{children}</div> : null}
    </div>
  )
}

export function Loading() {
  const { t } = useTranslation('ui')
  return (
    <p className={classes.loading} role="status">
      {t('loading')}
    </p>
  )
}
