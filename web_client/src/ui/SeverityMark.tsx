import { Check, CircleDot, Info, OctagonAlert, TriangleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Severity } from '@/api/types'
import classes from './SeverityMark.module.css'

export type Level = Severity | 'none'

const ICONS = { high: OctagonAlert, medium: TriangleAlert, low: CircleDot, info: Info, none: Check } as const

/** Severity as a shape and a word; its colour only repeats them. */
export function SeverityMark({ level, wordless = false }: { level: Level; wordless?: boolean }) {
  const { t } = useTranslation('ui')
  const Icon = ICONS[level]
  return (
    <span className={classes[level]}>
      <Icon size={15} aria-hidden strokeWidth={level === 'high' ? 2.5 : 2} />
      <span className={wordless ? 'visually-hidden' : undefined}>{t(`severity.${level}`)}</span>
    </span>
  )
}
