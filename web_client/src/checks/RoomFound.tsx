import { useTranslation } from 'react-i18next'
import type { MetOnTheWay, RoomScanFound } from '@/api/types'
import { useLanguage } from '@/i18n'
import { duration, number } from '@/i18n/format'
import classes from './Check.module.css'
import { metIn } from './model/check'
import { PanoramaPicture } from './PanoramaPicture'
import { RoomCircle } from './RoomCircle'

const LABELS = ['person', 'cell phone', 'book', 'laptop', 'tv'] as const

interface RoomFoundProps {
  readonly found: RoomScanFound
  readonly pictureUrl: string | null
  readonly onPlay: (ms: number) => void
}

/** Names of people and things in the reader's language; a label without words is written as the model names it. */
function useLabel(): (label: string) => string {
  const { t } = useTranslation('checks')
  return (label) => {
    const known = LABELS.find((each) => each === label)
    return known ? t(`label.${known}`) : label
  }
}

function MetList({ met, onPlay }: { met: readonly MetOnTheWay[]; onPlay: (ms: number) => void }) {
  const { t } = useTranslation('checks')
  const language = useLanguage()
  const label = useLabel()
  if (met.length === 0) return <p className={classes.quiet}>{t('met.none')}</p>
  return (
    <ol className={classes.met}>
      {met.map((each) => {
        const at = each.at_ms
        return (
          <li key={`${each.label} ${each.yaw_deg} ${each.at_ms}`}>
            <span>{label(each.label)}</span>
            <span className={classes.quiet}>
              {each.yaw_deg === null
                ? t('met.no_direction')
                : t('met.direction', { deg: number(each.yaw_deg, language, 0) })}
            </span>
            {at === null ? null : (
              <button
                type="button"
                className={classes.time}
                aria-label={t('met.play', { what: label(each.label), at: duration(at) })}
                onClick={() => onPlay(at)}
              >
                {duration(at)}
              </button>
            )}
          </li>
        )
      })}
    </ol>
  )
}

/** How much of the room was shown, what was not, who and what was met, and the panorama. */
export function RoomFound({ found, pictureUrl, onPlay }: RoomFoundProps) {
  const { t } = useTranslation('checks')
  const language = useLanguage()
  const degrees = (value: number) => number(value, language, 0)
  const met = metIn(found)
  const stretches = (sectors: RoomScanFound['missed']) =>
    sectors
      .map(({ side, from_deg, to_deg }) =>
        t('missed_sector', { side: t(`side.${side}`), from: degrees(from_deg), to: degrees(to_deg) }),
      )
      .join(', ')
  const shown = t('shown_of', { deg: degrees(found.coverage_deg), required: degrees(found.required_deg) })
  const reason = found.cannot_tell
  const least = found.least_deg
  const people = degrees(found.people.length)
  return (
    <>
      <div className={classes.room}>
        <RoomCircle found={found} met={met} />
        <dl className={classes.facts}>
          <div>
            <dt>{t('shown')}</dt>
            <dd>
              {shown}
              {least === null || least >= found.coverage_deg ? null : <> {t('shown_least', { deg: degrees(least) })}</>}
            </dd>
          </div>
          <div>
            <dt>{t('missed')}</dt>
            <dd>{found.missed.length === 0 ? t('missed_none') : stretches(found.missed)}</dd>
          </div>
          {found.untold.length === 0 ? null : (
            <div>
              <dt>{t('untold')}</dt>
              <dd>{stretches(found.untold)}</dd>
            </div>
          )}
          {reason === null ? null : (
            <div>
              <dt>{t('reason')}</dt>
              <dd>{t(`cannot_tell.${reason}`)}</dd>
            </div>
          )}
          <div>
            <dt>{t('model')}</dt>
            <dd className={classes.code}>{found.model}</dd>
          </div>
        </dl>
        <div className={classes.metPart}>
          <p className={classes.metTitle}>{t('met.title')}</p>
          <MetList met={met} onPlay={onPlay} />
        </div>
      </div>
      {pictureUrl === null ? null : (
        <PanoramaPicture
          url={pictureUrl}
          description={t('panorama.description', { shown, people, things: degrees(found.objects.length) })}
        />
      )}
    </>
  )
}
