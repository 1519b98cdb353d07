import { Button } from '@mantine/core'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Eye, PencilLine, Scale, Settings2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { configQuery, meQuery } from '@/api/queries'
import type { DemoAccount, Role } from '@/api/types'
import { homeOf } from '@/shell/roles'
import { PageTitle } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import classes from './Entry.module.css'
import { useLogIn } from './useLogIn'

const ICONS: Readonly<Record<Role, typeof Eye>> = {
  candidate: PencilLine,
  invigilator: Eye,
  committee: Scale,
  admin: Settings2,
}

function Door({ account, busy, onEnter }: { account: DemoAccount; busy: boolean; onEnter: () => void }) {
  const { t } = useTranslation(['entry', 'ui'])
  const Icon = ICONS[account.role]
  return (
    <li className={classes.door}>
      <Icon size={22} aria-hidden className={classes.doorIcon} />
      <div>
        <h2>{t(`ui:role.${account.role}`)}</h2>
        <p className={classes.doorText}>{t(`door.${account.role}`)}</p>
      </div>
      <Button onClick={onEnter} loading={busy} className={classes.doorButton}>
        {t('doors.enter', { name: account.name })}
      </Button>
    </li>
  )
}

/** The demonstration's first page: one click logs in as each of the four roles, by the ordinary endpoint. */
export function DoorsPage() {
  const { t } = useTranslation('entry')
  const { data: config } = useSuspenseQuery(configQuery)
  const { data: me } = useQuery(meQuery)
  const logIn = useLogIn()
  return (
    <div className={classes.doors}>
      <PageTitle>{t('doors.title')}</PageTitle>
      <p className={classes.lead}>{t('doors.lead')}</p>
      {me ? (
        <p className={classes.now}>
          {t('doors.logged_in', { name: me.name })} <Link to={homeOf(me.role)}>{t('doors.continue')}</Link>
        </p>
      ) : null}
      {logIn.error ? <ProblemNotice error={logIn.error} /> : null}
      <ul className={classes.doorList}>
        {config.demo?.accounts.map((account) => (
          <Door
            key={account.email}
            account={account}
            busy={logIn.isPending && logIn.variables.email === account.email}
            onEnter={() => logIn.mutate({ email: account.email, password: account.password })}
          />
        ))}
      </ul>
      <p className={classes.help}>{t('doors.two_roles')}</p>
      <p className={classes.help}>
        <Link to="/login">{t('doors.other')}</Link>
      </p>
    </div>
  )
}
