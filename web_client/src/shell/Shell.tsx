import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { configQuery, meQuery } from '@/api/queries'
import { Loading } from '@/ui/Page'
import { AccountCorner } from './AccountCorner'
import { LanguageSwitch } from './LanguageSwitch'
import { sectionsOf } from './roles'
import classes from './Shell.module.css'
import { ThemeSwitch } from './ThemeSwitch'

/** The frame of every page: skip link, sections of the role, language, appearance, account. */
export function Shell() {
  const { t } = useTranslation('shell')
  const { data: me } = useQuery(meQuery)
  const { data: config } = useQuery(configQuery)
  const sections = me ? sectionsOf(me.role) : []
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#content">
        {t('skip')}
      </a>
      <header className={classes.header}>
        <Link to="/" className={classes.product}>
          <img src="/icon.svg" alt="" width={22} height={22} />
          <span>{t('product')}</span>
        </Link>
        <nav className={classes.nav} aria-label={t('navigation')}>
          {sections.map((section) => (
            <Link key={section} to={`/${section}`} className={classes.section ?? ''} activeOptions={{ exact: false }}>
              {t(`nav.${section}`)}
            </Link>
          ))}
        </nav>
        <div className={classes.tools}>
          <LanguageSwitch />
          <ThemeSwitch />
          <AccountCorner me={me ?? null} demo={config?.demo != null} />
        </div>
      </header>
      <main id="content" className={classes.content} tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  )
}
