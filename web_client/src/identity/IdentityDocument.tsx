import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { meQuery } from '@/api/queries'
import type { DocumentPortrait, DocumentZone } from '@/api/types'
import { useLanguage } from '@/i18n'
import { dateTime, number } from '@/i18n/format'
import { Loading } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import classes from './Identity.module.css'
import { asDate, FIELDS } from './model/fields'
import { documentQuery } from './queries'

/** What is written on the document, as the zone says it, field by field. */
function Zone({ zone }: { zone: DocumentZone }) {
  const { t } = useTranslation('identity')
  const disagreeing = Object.entries(zone.checks).filter(([, agrees]) => !agrees)
  return (
    <>
      <p>
        <strong>{t(`read.zone.${zone.zone}`)}</strong>
        {zone.expired === true ? ` ${t('read.expired')}` : null}
      </p>
      {disagreeing.length === 0 ? null : (
        <p className={classes.under}>
          {t('read.disagree', { checks: disagreeing.map(([name]) => t(`field.${name as 'optional'}`)).join(', ') })}
        </p>
      )}
      <dl className={classes.fields}>
        {FIELDS.filter((name) => (zone.fields[name] ?? '') !== '').map((name) => (
          <div key={name}>
            <dt>{t(`field.${name}`)}</dt>
            <dd>{asDate(name, zone.fields[name] ?? '')}</dd>
          </div>
        ))}
      </dl>
      {zone.lines.length === 0 ? null : <pre className={classes.lines}>{zone.lines.join('\n')}</pre>}
    </>
  )
}

function Portrait({ portrait }: { portrait: DocumentPortrait }) {
  const { t } = useTranslation('identity')
  const language = useLanguage()
  const { similarity, threshold, same } = portrait
  return (
    <p>
      <strong>
        {portrait.portrait === 'compared'
          ? t(same === true ? 'read.same' : 'read.different')
          : t(`read.portrait.${portrait.portrait}`)}
      </strong>{' '}
      {similarity === null
        ? null
        : t('read.similarity', { value: number(similarity, language), threshold: number(threshold, language) })}
    </p>
  )
}

/** The candidate's identity document, for those who decide; others are told that there is one. */
export function IdentityDocument({ sittingId }: { sittingId: string }) {
  const { t } = useTranslation('identity')
  const me = useQuery(meQuery)
  if (me.data?.role === 'admin') return <p className={classes.quiet}>{t('read.for_deciders')}</p>
  return <Shown sittingId={sittingId} />
}

/** Its pictures, what was read, how the portrait compares. */
function Shown({ sittingId }: { sittingId: string }) {
  const { t } = useTranslation('identity')
  const language = useLanguage()
  const document = useQuery(documentQuery(sittingId))
  if (document.error) return <ProblemNotice error={document.error} onRetry={() => void document.refetch()} />
  if (!document.data) return <Loading />
  const { pictures, zone, portrait, left } = document.data
  return (
    <section className={classes.document} aria-label={t('read.title')}>
      {left ? <p>{t(pictures.length === 0 ? 'read.not_shown' : 'read.left')}</p> : null}
      {portrait === null ? null : <Portrait portrait={portrait} />}
      {zone === null ? null : <Zone zone={zone} />}
      {pictures.length === 0 ? null : (
        <ul className={classes.pictures}>
          {pictures.map((picture) => (
            <li key={picture.taken_at}>
              <a href={picture.picture_url} target="_blank" rel="noreferrer">
                <img
                  src={picture.picture_url}
                  alt={t('read.picture', { at: dateTime(picture.taken_at, language) })}
                  className={classes.page}
                />
              </a>
              {picture.counts ? null : <span className={classes.under}>{t('read.other_picture')}</span>}
            </li>
          ))}
        </ul>
      )}
      <p className={classes.quiet}>{t('read.note')}</p>
    </section>
  )
}
