import { useTranslation } from 'react-i18next'
import type { GazeCalibrationFound } from '@/api/types'
import { useLanguage } from '@/i18n'
import { number } from '@/i18n/format'
import classes from './Check.module.css'

/** Where the candidate's own screen ends, or why it is not known. */
export function GazeFound({ found }: { readonly found: GazeCalibrationFound }) {
  const { t } = useTranslation('gaze')
  const language = useLanguage()
  const degrees = (value: number) => number(value, language, 1)
  const sides = (left: number | null, right: number | null) =>
    left === null || right === null ? null : t('found.sides', { left: degrees(left), right: degrees(right) })
  const { wander_deg: wander, cannot_tell: reason, model } = found
  const facts: readonly (readonly [string, string | null])[] = [
    [t('found.limit'), sides(found.left_deg, found.right_deg)],
    [t('found.edge'), sides(found.left_edge_deg, found.right_edge_deg)],
    [t('found.wander'), wander === null ? null : t('found.deg', { deg: degrees(wander) })],
    [t('found.reason'), reason === null ? null : t(`found.cannot_tell.${reason}`)],
    [t('found.pictures'), number(found.dots.reduce((sum, { pictures }) => sum + pictures, 0), language, 0)],
    [t('found.model'), model],
  ]
  return (
    <>
      <p>{found.left_deg === null ? t('found.none') : t('found.own')}</p>
      <dl className={classes.facts}>
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </>
  )
}
