import { useQuery } from '@tanstack/react-query'
import { ShieldAlert, ShieldCheck } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Incident, SittingDetail, TimelineVerification } from '@/api/types'
import { useLanguage } from '@/i18n'
import { number } from '@/i18n/format'
import { ProblemNotice } from '@/ui/ProblemNotice'
import classes from './Document.module.css'
import { provenanceOf } from './model/provenance'
import { verificationQuery } from './queries'

function Chain({ found }: { found: TimelineVerification }) {
  const { t } = useTranslation('review')
  const language = useLanguage()
  return found.ok ? (
    <span className={classes.intact}>
      <ShieldCheck size={17} aria-hidden /> {t('chain.intact', { entries: number(found.entries, language) })}
    </span>
  ) : (
    <span className={classes.broken}>
      <ShieldAlert size={17} aria-hidden /> {t('chain.broken', { seq: found.first_bad_seq ?? found.entries + 1 })}
    </span>
  )
}

function Names({ names, none }: { names: readonly string[]; none: string }) {
  if (names.length === 0) return <p>{none}</p>
  return (
    <ul>
      {names.map((name) => (
        <li key={name}>
          <code>{name}</code>
        </li>
      ))}
    </ul>
  )
}

/** Whether the chain of entries holds; opened, the versions of everything that judged. */
export function ProvenanceNote({ sitting, incidents }: { sitting: SittingDetail; incidents: readonly Incident[] }) {
  const { t } = useTranslation('review')
  const { data, error, refetch } = useQuery(verificationQuery(sitting.sitting_id))
  const { rules, models } = provenanceOf(incidents)
  return (
    <div className={classes.provenance}>
      <p className={classes.chain} role="status">
        {data ? <Chain found={data} /> : error ? null : t('chain.checking')}
      </p>
      {error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : null}
      <details>
        <summary>{t('provenance')}</summary>
        <p className={classes.quiet}>{t('chain.how')}</p>
        <dl className={classes.versions}>
          <div>
            <dt>{t('provenance_policy')}</dt>
            <dd>
              {sitting.policy_name} <code>SHA-256 {sitting.policy_sha256}</code>
            </dd>
          </div>
          <div>
            <dt>{t('provenance_rules')}</dt>
            <dd>
              <Names names={rules} none={t('provenance_none')} />
            </dd>
          </div>
          {models.length === 0 ? null : (
            <div>
              <dt>{t('provenance_models')}</dt>
              <dd>
                <Names names={models} none="" />
              </dd>
            </div>
          )}
        </dl>
      </details>
    </div>
  )
}
