import { ArrowUp } from 'lucide-react'
import { type ReactNode, type RefObject, useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import classes from './Guided.module.css'

interface OutOfSightProps {
  readonly of: RefObject<HTMLElement | null>
  readonly children: ReactNode
}

/** A way back to something that asks for an answer while the person is further down the page. */
export function OutOfSight({ of, children }: OutOfSightProps) {
  const [hidden, setHidden] = useState(false)
  useEffect(() => {
    const target = of.current
    if (target === null) return undefined
    const observer = new IntersectionObserver(([entry]) => setHidden(entry?.isIntersecting === false))
    observer.observe(target)
    return () => observer.disconnect()
  }, [of])
  if (!hidden) return null
  const go = () => {
    of.current?.scrollIntoView({ block: 'center' })
    of.current?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true })
  }
  return createPortal(
    <button type="button" className={classes.pointer} data-pointer onClick={go}>
      <ArrowUp size={16} aria-hidden /> {children}
    </button>,
    document.getElementById('content') ?? document.body,
  )
}
