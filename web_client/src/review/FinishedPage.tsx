import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SittingSummary } from '@/api/types'
import { useLanguage } from '@/i18n'
import { pick } from '@/i18n/language'
import { EmptyState, Loading, Page, PageTitle } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { ScrollTable } from '@/ui/ScrollTable'
import { Duration, Instant } from '@/ui/Time'
import { newestFirst } from './model/finished'
import { finishedQuery } from './queries'
import classes from './Finished.module.css'

function FinishedRow({ sitting }: { sitting: SittingSummary }) {
  const language = useLanguage()
  const { unreviewed } = sitting.attention
  return (
    <tr>
      <th scope="row">
        <Link to="/review/$sittingId" params={{ sittingId: sitting.sitting_id }}>
          {sitting.candidate.name}
        </Link>
        <span className={classes.email}>{sitting.candidate.email}</span>
      </th>
      <td>{pick(sitting.exam_title, language)}</td>
      <td>{sitting.finished_at === null ? '–' : <Instant at={sitting.finished_at} />}</td>
      <td>{sitting.elapsed_ms === null ? '–' : <Duration ms={sitting.elapsed_ms} />}</td>
      <td className="numeric">{unreviewed}</td>
    </tr>
  )
}

/** Sittings that are over, the latest first. */
export function FinishedPage() {
  const { t } = useTranslation('review')
  const language = useLanguage()
  const [wanted, setWanted] = useState('')
  const { data, error, refetch } = useQuery(finishedQuery)
  const shown = data ? newestFirst(data, wanted, language) : []
  return (
    <Page width="wide">
      <PageTitle>{t('title')}</PageTitle>
      <p className={classes.lead}>{t('lead')}</p>
      {error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data?.length === 0 ? <EmptyState title={t('empty')}>{t('empty_hint')}</EmptyState> : null}
      {data && data.length > 0 ? (
        <>
          <TextInput
            className={classes.search ?? ''}
            aria-label={t('search')}
            placeholder={t('search')}
            leftSection={<Search size={16} aria-hidden />}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
          {shown.length === 0 ? <EmptyState title={t('no_match')}>{t('no_match_hint')}</EmptyState> : null}
          {shown.length > 0 ? (
            <ScrollTable label={t('title')}>
                <thead>
                  <tr>
                    {(['candidate', 'exam', 'finished', 'duration', 'undecided'] as const).map((column) => (
                      <th key={column} scope="col">
                        {t(`column.${column}`)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {shown.map((sitting) => (
                    <FinishedRow key={sitting.sitting_id} sitting={sitting} />
                  ))}
                </tbody>
              </ScrollTable>
          ) : null}
        </>
      ) : null}
    </Page>
  )
}
