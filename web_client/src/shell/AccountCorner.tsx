import { Button } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { DoorOpen, LogOut } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { meQuery, queryClient } from '@/api/queries'
import type { Me } from '@/api/types'
import classes from './Shell.module.css'

/** Who is logged in, and the way out. */
export function AccountCorner({ me, demo }: { me: Me | null; demo: boolean }) {
  const { t } = useTranslation(['shell', 'ui'])
  const navigate = useNavigate()
  if (!me) return null
  const logOut = async () => {
    await api.POST('/api/logout')
    // Leaving comes first: a page that lost its log-in would lead to the log-in page and back.
    await navigate({ to: demo ? '/' : '/login' })
    queryClient.setQueryData(meQuery.queryKey, null)
    queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'config' && query.queryKey[0] !== 'me' })
  }
  return (
    <div className={classes.account}>
      {demo ? (
        <Link to="/" className={classes.toolLink} title={t('doors')}>
          <DoorOpen size={16} aria-hidden />
          <span>{t('doors')}</span>
        </Link>
      ) : null}
      <span className={classes.person} title={me.email}>
        {me.name}
        <span className={classes.role}>{t(`ui:role.${me.role}`)}</span>
      </span>
      <Button
        variant="subtle"
        color="gray"
        c="inherit"
        size="compact-sm"
        leftSection={<LogOut size={15} aria-hidden />}
        onClick={() => void logOut()}
      >
        {t('log_out')}
      </Button>
    </div>
  )
}
