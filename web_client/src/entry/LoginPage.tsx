import { Button, PasswordInput, TextInput } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { PageTitle } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import classes from './Entry.module.css'
import { useLogIn } from './useLogIn'

const route = getRouteApi('/login')

export function LoginPage() {
  const { t } = useTranslation('entry')
  const { next } = route.useSearch()
  const logIn = useLogIn(next)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    logIn.mutate({ email: String(form.get('email')), password: String(form.get('password')) })
  }
  return (
    <div className={classes.login}>
      <PageTitle>{t('login.title')}</PageTitle>
      <form onSubmit={submit} className={classes.form}>
        <TextInput
          name="email"
          type="email"
          label={t('login.email')}
          autoComplete="username"
          required
          withAsterisk={false}
          size="md"
        />
        <PasswordInput
          name="password"
          label={t('login.password')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          size="md"
        />
        {logIn.error ? <ProblemNotice error={logIn.error} /> : null}
        <Button type="submit" size="md" loading={logIn.isPending}>
          {t('login.submit')}
        </Button>
      </form>
      <p className={classes.help}>{t('login.help')}</p>
    </div>
  )
}
