import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { api, unwrap } from '@/api/client'
import { queryClient } from '@/api/queries'
import type { AccountRequest, Role } from '@/api/types'
import { useLanguage } from '@/i18n'
import { Loading } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { ScrollTable } from '@/ui/ScrollTable'
import classes from './Admin.module.css'
import { accountsQuery } from './queries'

const ROLES: readonly Role[] = ['candidate', 'invigilator', 'committee', 'admin']
const SHORTEST_PASSWORD = 10

function AccountForm() {
  const { t } = useTranslation(['admin', 'ui'])
  const language = useLanguage()
  const form = useRef<HTMLFormElement>(null)
  const create = useMutation({
    mutationFn: (body: AccountRequest) => unwrap(api.POST('/api/accounts', { body })),
    onSuccess: async () => {
      form.current?.reset()
      await queryClient.invalidateQueries({ queryKey: accountsQuery.queryKey })
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const role = ROLES.find((each) => each === fields.get('role')) ?? 'candidate'
    create.mutate({
      name: String(fields.get('name')),
      email: String(fields.get('email')),
      password: String(fields.get('password')),
      role,
      language,
    })
  }
  return (
    <form ref={form} className={classes.inline} onSubmit={submit}>
      <h2>{t('accounts.new')}</h2>
      <TextInput name="name" label={t('accounts.name')} autoComplete="off" required withAsterisk={false} />
      <TextInput name="email" type="email" label={t('accounts.email')} autoComplete="off" required withAsterisk={false} />
      <NativeSelect
        name="role"
        label={t('accounts.role')}
        data={ROLES.map((role) => ({ value: role, label: t(`ui:role.${role}`) }))}
      />
      <PasswordInput
        name="password"
        label={t('accounts.password')}
        description={t('accounts.password_hint')}
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        required
        withAsterisk={false}
      />
      {create.error ? <ProblemNotice error={create.error} /> : null}
      {create.data ? <p role="status">{t('accounts.created', { name: create.data.name })}</p> : null}
      <Button type="submit" loading={create.isPending}>
        {t('accounts.create')}
      </Button>
    </form>
  )
}

export function AccountsPart() {
  const { t } = useTranslation(['admin', 'ui'])
  const { data, error, refetch } = useQuery(accountsQuery)
  return (
    <div className={classes.columns}>
      <div>
        {error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : null}
        {data === undefined && !error ? <Loading /> : null}
        {data ? (
          <ScrollTable label={t('part.accounts')}>
              <thead>
                <tr>
                  <th scope="col">{t('accounts.name')}</th>
                  <th scope="col">{t('accounts.role')}</th>
                </tr>
              </thead>
              <tbody>
                {data.map((account) => (
                  <tr key={account.account_id}>
                    <th scope="row">
                      {account.name}
                      <span className={classes.under}>{account.email}</span>
                    </th>
                    <td>{t(`ui:role.${account.role}`)}</td>
                  </tr>
                ))}
              </tbody>
            </ScrollTable>
        ) : null}
      </div>
      <AccountForm />
    </div>
  )
}
