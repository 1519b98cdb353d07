import { Button, NativeSelect } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, unwrap } from '@/api/client'
import { queryClient } from '@/api/queries'
import { useLanguage } from '@/i18n'
import { pick } from '@/i18n/language'
import { EmptyState, Loading } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { ScrollTable } from '@/ui/ScrollTable'
import classes from './Admin.module.css'
import { accountsQuery, assignmentsQuery, examsQuery } from './queries'

function AssignmentForm() {
  const { t } = useTranslation('admin')
  const language = useLanguage()
  const exams = useQuery(examsQuery)
  const accounts = useQuery(accountsQuery)
  const candidates = accounts.data?.filter((account) => account.role === 'candidate')
  const [examId, setExamId] = useState('')
  const [candidateId, setCandidateId] = useState('')
  const assign = useMutation({
    mutationFn: () =>
      unwrap(api.POST('/api/sittings', { body: { exam_id: examId, candidate_account_id: candidateId } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: assignmentsQuery.queryKey }),
  })
  const assigned = candidates?.find((account) => account.account_id === assign.data?.candidate_account_id)
  const failed = exams.error ?? accounts.error
  const submit = (event: FormEvent) => {
    event.preventDefault()
    assign.mutate()
  }
  const choose = { value: '', label: t('sittings.choose'), disabled: true }
  return (
    <form className={classes.inline} onSubmit={submit}>
      <h2>{t('sittings.new')}</h2>
      {failed ? <ProblemNotice error={failed} /> : null}
      {exams.data?.length === 0 ? <p className={classes.hint}>{t('sittings.need_exam')}</p> : null}
      {candidates?.length === 0 ? <p className={classes.hint}>{t('sittings.need_candidate')}</p> : null}
      <NativeSelect
        label={t('sittings.exam')}
        value={examId}
        data={[
          choose,
          ...(exams.data ?? []).map((exam) => ({ value: exam.exam_id, label: pick(exam.title, language) })),
        ]}
        onChange={(event) => setExamId(event.currentTarget.value)}
      />
      <NativeSelect
        label={t('sittings.candidate')}
        value={candidateId}
        data={[
          choose,
          ...(candidates ?? []).map((account) => ({
            value: account.account_id,
            label: `${account.name} · ${account.email}`,
          })),
        ]}
        onChange={(event) => setCandidateId(event.currentTarget.value)}
      />
      {assign.error ? <ProblemNotice error={assign.error} /> : null}
      {assigned ? <p role="status">{t('sittings.assigned', { name: assigned.name })}</p> : null}
      <Button type="submit" loading={assign.isPending} disabled={examId === '' || candidateId === ''}>
        {t('sittings.assign')}
      </Button>
    </form>
  )
}

export function AssignmentsPart() {
  const { t } = useTranslation(['admin', 'ui'])
  const language = useLanguage()
  const { data, error, refetch } = useQuery(assignmentsQuery)
  return (
    <div className={classes.columns}>
      <div>
        {error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : null}
        {data === undefined && !error ? <Loading /> : null}
        {data?.length === 0 ? <EmptyState title={t('sittings.empty')} /> : null}
        {data && data.length > 0 ? (
          <ScrollTable label={t('sittings.list')}>
              <thead>
                <tr>
                  <th scope="col">{t('sittings.candidate')}</th>
                  <th scope="col">{t('sittings.exam')}</th>
                  <th scope="col">{t('sittings.state')}</th>
                </tr>
              </thead>
              <tbody>
                {data.map((sitting) => (
                  <tr key={sitting.sitting_id}>
                    <th scope="row">
                      {sitting.candidate.name}
                      <span className={classes.under}>{sitting.candidate.email}</span>
                    </th>
                    <td>{pick(sitting.exam_title, language)}</td>
                    <td>{t(`ui:state.${sitting.state}`)}</td>
                  </tr>
                ))}
              </tbody>
            </ScrollTable>
        ) : null}
      </div>
      <AssignmentForm />
    </div>
  )
}
