import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Recording, SittingDetail } from '@/api/types'
import { useLanguage } from '@/i18n'
import { duration, percent } from '@/i18n/format'
import { pick } from '@/i18n/language'
import { Photographs } from '@/identity/Photographs'
import { Duration, Instant } from '@/ui/Time'
import classes from './Document.module.css'
import { completeness, gapsOf, isGuest } from './model/provenance'

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Who, what, when, and how complete the recording is. */
export function DocumentFacts({ sitting, recording }: { sitting: SittingDetail; recording: Recording }) {
  const { t } = useTranslation(['review', 'ui'])
  const language = useLanguage()
  const length = sitting.duration_ms ?? recording.duration_ms
  return (
    <section className={classes.facts} aria-label={t('facts')}>
      {sitting.photographs.length === 0 ? null : <Photographs photographs={sitting.photographs} />}
      <dl>
        <Fact term={t('fact.candidate')}>
          {sitting.candidate.name}
          <span className={classes.under}>{sitting.candidate.email}</span>
        </Fact>
        <Fact term={t('fact.exam')}>{pick(sitting.exam_title, language)}</Fact>
        <Fact term={t('fact.started')}>
          {sitting.started_at === null ? t('fact.none') : <Instant at={sitting.started_at} />}
        </Fact>
        <Fact term={t('fact.finished')}>
          {sitting.finished_at === null ? t('fact.none') : <Instant at={sitting.finished_at} />}
        </Fact>
        <Fact term={t('fact.duration')}>
          <Duration ms={length} />
        </Fact>
        <Fact term={t('fact.consent')}>{sitting.consent_version ?? t('fact.none')}</Fact>
        <Fact term={t('kept')}>
          <ul>
            {recording.tracks.map((track) => (
              <li key={track.track}>
                {t(`ui:track.${track.track}`)} –{' '}
                {isGuest(track)
                  ? t('kept_span', { from: duration(track.start_ms), to: duration(track.end_ms) })
                  : percent(completeness(track, length), language)}
                {gapsOf(track).map((gap) => (
                  <span key={gap.start_ms} className={classes.under}>
                    {t('kept_gap', { from: duration(gap.start_ms), to: duration(gap.end_ms) })}
                  </span>
                ))}
              </li>
            ))}
          </ul>
        </Fact>
      </dl>
    </section>
  )
}
