import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CalendarDays } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api, unwrap } from '@/api/client'
import { useLanguage } from '@/i18n'
import { pick } from '@/i18n/language'
import { EmptyState, Loading, Page, PageTitle } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import type { SittingForCandidate } from '../contract'
import classes from './Sittings.module.css'

/** The exams of the candidate who is logged in. */
export function SittingsPage() {
  const { t } = useTranslation('capture')
  const { data, error, refetch, isPending } = useQuery({
    queryKey: ['sittings', 'mine'],
    queryFn: () => unwrap(api.GET('/api/sittings/mine')),
    refetchOnMount: 'always',
  })
  return (
    <Page>
      <PageTitle>{t('list.title')}</PageTitle>
      <p className={classes.lead}>{t('list.lead')}</p>
      {error === null ? null : <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {isPending ? <Loading /> : null}
      {data?.length === 0 ? (
        <EmptyState icon={<CalendarDays size={28} aria-hidden />} title={t('list.empty')}>
          {t('list.empty_text')}
        </EmptyState>
      ) : null}
      <ul className={classes.list}>
        {data?.map((sitting) => (
          <SittingCard key={sitting.sitting_id} sitting={sitting} />
        ))}
      </ul>
    </Page>
  )
}

function SittingCard({ sitting }: { sitting: SittingForCandidate }) {
  const { t } = useTranslation(['capture', 'ui'])
  const language = useLanguage()
  const over = sitting.state === 'finished' || sitting.state === 'refused'
  const label = over ? t('list.look') : sitting.state === 'scheduled' ? t('list.open') : t('list.continue')
  return (
    <li className={classes.card}>
      <div>
        <h2 className={classes.title}>{pick(sitting.exam.title, language)}</h2>
        <p className={classes.facts}>
          {t('list.minutes', { minutes: sitting.exam.duration_minutes })} · {t(`ui:state.${sitting.state}`)}
        </p>
      </div>
      <Button
        component={Link}
        to={`/sit/${sitting.sitting_id}`}
        variant={over ? 'default' : 'filled'}
        size="md"
        className={classes.open}
      >
        {label}
      </Button>
    </li>
  )
}
