import type { ReactNode } from 'react'
import classes from './ScrollTable.module.css'

/** A table that scrolls sideways on its own where it is wider than the page; the keyboard can scroll it too. */
export function ScrollTable({ label, children }: { label: string; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={classes.table}>{children}</table>
    </div>
  )
}
