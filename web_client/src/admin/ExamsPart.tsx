import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Exam } from '@/api/types'
import { useLanguage } from '@/i18n'
import { pick } from '@/i18n/language'
import { EmptyState, Loading } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { ScrollTable } from '@/ui/ScrollTable'
import classes from './Admin.module.css'
import { ExamForm } from './ExamForm'
import { draftOf, emptyDraft, type ExamDraft } from './model/exam-draft'
import { examsQuery } from './queries'

function ExamTable({ exams, onEdit }: { exams: readonly Exam[]; onEdit: (exam: Exam) => void }) {
  const { t } = useTranslation('admin')
  const language = useLanguage()
  return (
    <ScrollTable label={t('part.exams')}>
        <thead>
          <tr>
            {(['title', 'kind', 'minutes', 'policy'] as const).map((column) => (
              <th key={column} scope="col">
                {t(`exams.column.${column}`)}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">{t('exams.edit')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {exams.map((exam) => (
            <tr key={exam.exam_id}>
              <th scope="row">{pick(exam.title, language)}</th>
              <td>
                {t(`kind.${exam.kind}`)}
                {exam.url === null ? null : <span className={classes.under}>{exam.url}</span>}
              </td>
              <td className="numeric">{exam.duration_minutes}</td>
              <td>
                {exam.policy_name}
                <code className={classes.hash} title={`SHA-256 ${exam.policy_sha256}`}>
                  {exam.policy_sha256.slice(0, 12)}…
                </code>
              </td>
              <td>
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={t('exams.edit_named', { title: pick(exam.title, language) })}
                  onClick={() => onEdit(exam)}
                >
                  {t('exams.edit')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
    </ScrollTable>
  )
}

export function ExamsPart() {
  const { t } = useTranslation('admin')
  const { data, error, refetch } = useQuery(examsQuery)
  const [draft, setDraft] = useState<ExamDraft | null>(null)
  if (draft) return <ExamForm key={draft.exam_id} start={draft} onClose={() => setDraft(null)} />
  return (
    <div>
      <Button className={classes.add ?? ''} leftSection={<Plus size={16} aria-hidden />} onClick={() => setDraft(emptyDraft())}>
        {t('exams.new')}
      </Button>
      {error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data?.length === 0 ? <EmptyState title={t('exams.empty')}>{t('exams.empty_hint')}</EmptyState> : null}
      {data && data.length > 0 ? <ExamTable exams={data} onEdit={(exam) => setDraft(draftOf(exam))} /> : null}
    </div>
  )
}
