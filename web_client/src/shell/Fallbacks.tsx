import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { problemOf } from '@/api/problem'
import { meQuery } from '@/api/queries'
import { EmptyState, Page, PageTitle } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'

export function MissingPage() {
  const { t } = useTranslation('shell')
  return (
    <Page>
      <PageTitle quiet>{t('missing.title')}</PageTitle>
      <EmptyState title={t('missing.title')}>
        <p>{t('missing.text')}</p>
        <p>
          <Link to="/">{t('missing.home')}</Link>
        </p>
      </EmptyState>
    </Page>
  )
}

export function FailedPage({ error, reset }: { error: unknown; reset: () => void }) {
  const { t } = useTranslation('shell')
  return (
    <Page>
      <PageTitle quiet>{t('failed.title')}</PageTitle>
      <ProblemNotice error={error} onRetry={problemOf(error).code === 'page_outdated' ? () => location.reload() : reset} />
    </Page>
  )
}

export function ForbiddenPage() {
  const { t } = useTranslation(['shell', 'ui'])
  const { data: me } = useQuery(meQuery)
  return (
    <Page>
      <PageTitle quiet>{t('forbidden.title')}</PageTitle>
      <EmptyState title={t('forbidden.title')}>
        {me ? <p>{t('forbidden.text', { role: t(`ui:role.${me.role}`) })}</p> : null}
        <p>
          <Link to="/">{t('missing.home')}</Link>
        </p>
      </EmptyState>
    </Page>
  )
}
