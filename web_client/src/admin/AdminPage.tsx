import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Page, PageTitle } from '@/ui/Page'
import { AccountsPart } from './AccountsPart'
import classes from './Admin.module.css'
import { AssignmentsPart } from './AssignmentsPart'
import { ExamsPart } from './ExamsPart'
import { ADMIN_PARTS } from './parts'

const route = getRouteApi('/admin/')

/** Exams, accounts, and who sits which exam. */
export function AdminPage() {
  const { t } = useTranslation('admin')
  const { part = 'exams' } = route.useSearch()
  return (
    <Page width="wide">
      <PageTitle>{t('title')}</PageTitle>
      <nav className={classes.parts} aria-label={t('parts')}>
        {ADMIN_PARTS.map((each) => (
          <Link key={each} to="/admin" search={{ part: each }} aria-current={each === part ? 'page' : undefined}>
            {t(`part.${each}`)}
          </Link>
        ))}
      </nav>
      {part === 'exams' ? <ExamsPart /> : part === 'accounts' ? <AccountsPart /> : <AssignmentsPart />}
    </Page>
  )
}
