import { useTranslation } from 'react-i18next'
import type { MetOnTheWay, RoomScanFound } from '@/api/types'
import { useLanguage } from '@/i18n'
import { number } from '@/i18n/format'
import classes from './Check.module.css'
import { arcPath, pointAt } from './model/check'

const RADIUS = 44
const MARKS = 58

/** The room from above: the directions that were shown, and where what was met stands, by its number in the list. */
export function RoomCircle({ found, met }: { found: RoomScanFound; met: readonly MetOnTheWay[] }) {
  const { t } = useTranslation('checks')
  const language = useLanguage()
  return (
    <svg
      className={classes.circle}
      viewBox="-70 -70 140 140"
      role="img"
      aria-label={t('circle', { deg: number(found.coverage_deg, language, 0) })}
    >
      <circle className={classes.shown} r={RADIUS} />
      {[...found.missed, ...found.untold].map((sector) => {
        const arc = arcPath(sector.from_deg, sector.to_deg, RADIUS)
        return (
          <g key={sector.from_deg}>
            <path className={classes.missed} d={arc} />
            <path className={classes.gap} d={arc} />
          </g>
        )
      })}
      <path className={classes.first} d="M -5 -31 L 0 -38 L 5 -31 Z" />
      <text className={classes.degrees} textAnchor="middle" dominantBaseline="central">
        {number(found.coverage_deg, language, 0)}°
      </text>
      {met.map((each, index) => {
        if (each.yaw_deg === null) return null
        const { x, y } = pointAt(each.yaw_deg, MARKS)
        return (
          <g key={`${each.label} ${each.yaw_deg}`} className={classes.mark} transform={`translate(${x} ${y})`}>
            <circle r={8} />
            <text textAnchor="middle" dominantBaseline="central">
              {index + 1}
            </text>
          </g>
        )
      })}
    </svg>
  )
}
