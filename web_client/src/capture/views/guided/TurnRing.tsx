import { useTranslation } from 'react-i18next'
import { type Running, shownArc } from '../../checks'
import classes from './Ring.module.css'

const MIDDLE = 100
const RADIUS = 72
/** Before this much was shown, what is missing is no news. */
const BEGUN_DEG = 30
const SIDES = [
  { side: 'front', x: MIDDLE, y: 14 },
  { side: 'right', x: 188, y: MIDDLE },
  { side: 'behind', x: MIDDLE, y: 186 },
  { side: 'left', x: 12, y: MIDDLE },
] as const

/** A point on the circle; 0 degrees is on top, where the camera looked first, and right of it is right. */
function point(deg: number, radius: number): string {
  const angle = (deg * Math.PI) / 180
  return `${(MIDDLE + radius * Math.sin(angle)).toFixed(2)} ${(MIDDLE - radius * Math.cos(angle)).toFixed(2)}`
}

function arcPath(fromDeg: number, widthDeg: number): string {
  const large = widthDeg > 180 ? 1 : 0
  return `M ${point(fromDeg, RADIUS)} A ${RADIUS} ${RADIUS} 0 ${large} 1 ${point(fromDeg + widthDeg, RADIUS)}`
}

/** How much of the circle was shown, seen from above; the camera's present direction is the small mark. */
export function TurnRing({ running }: { running: Running }) {
  const { t } = useTranslation('capture')
  const arc = shownArc(running)
  const degrees = Math.round(running.coverageDeg ?? 0)
  const missed = degrees < BEGUN_DEG ? [] : SIDES.filter(({ side }) => running.missed.includes(side))
  const words = [
    t('guided.shown_deg', { degrees }),
    ...(missed.length === 0
      ? []
      : [t('guided.missing', { sides: missed.map(({ side }) => t(`guided.side.${side}`)).join(', ') })]),
  ]
  return (
    <div
      className={classes.ring}
      role="progressbar"
      aria-label={t('guided.ring')}
      aria-valuemin={0}
      aria-valuemax={360}
      aria-valuenow={degrees}
      aria-valuetext={words.join('. ')}
    >
      <svg viewBox="0 0 200 200" aria-hidden>
        <circle className={classes.track} cx={MIDDLE} cy={MIDDLE} r={RADIUS} />
        {arc === null ? null : arc.widthDeg >= 359.5 ? (
          <circle className={classes.shown} cx={MIDDLE} cy={MIDDLE} r={RADIUS} />
        ) : (
          <path className={classes.shown} d={arcPath(arc.middleDeg - arc.widthDeg / 2, arc.widthDeg)} />
        )}
        {running.yawDeg === null ? null : (
          <path
            className={classes.needle}
            d="M 100 44 l 9 17 h -18 z"
            transform={`rotate(${running.yawDeg.toFixed(1)} ${MIDDLE} ${MIDDLE})`}
          />
        )}
        {SIDES.map((place) => (
          <circle
            key={place.side}
            className={classes.side}
            data-missed={missed.includes(place)}
            cx={place.x}
            cy={place.y}
            r={missed.includes(place) ? 6 : 3}
          />
        ))}
        <text className={classes.degrees} x={MIDDLE} y={MIDDLE + 9}>
          {degrees}°
        </text>
      </svg>
    </div>
  )
}
