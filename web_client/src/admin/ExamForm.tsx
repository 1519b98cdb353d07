import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, unwrap } from '@/api/client'
import { problemOf } from '@/api/problem'
import { queryClient } from '@/api/queries'
import { LANGUAGES } from '@/i18n/language'
import { ProblemNotice } from '@/ui/ProblemNotice'
import classes from './Admin.module.css'
import { type DraftField, type ExamDraft, missingFields, requestOf } from './model/exam-draft'
import { EntrySteps, OpeningChecks } from './OpeningChecks'
import { PolicyEditor } from './PolicyEditor'
import { QuestionsEditor } from './QuestionsEditor'
import { examsQuery } from './queries'

function save(draft: ExamDraft) {
  const { kind, ...rest } = requestOf(draft)
  if (draft.exam_id === null) return unwrap(api.POST('/api/exams', { body: { ...rest, kind } }))
  const params = { path: { exam_id: draft.exam_id } }
  return unwrap(api.PATCH('/api/exams/{exam_id}', { params, body: rest }))
}

/** Writes a new exam or changes one; the policy is checked by the server while it is typed. */
export function ExamForm({ start, onClose }: { start: ExamDraft; onClose: () => void }) {
  const { t } = useTranslation(['admin', 'ui'])
  const [draft, setDraft] = useState(start)
  const [tried, setTried] = useState(false)
  const missing = missingFields(draft)
  const saving = useMutation({
    mutationFn: save,
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: examsQuery.queryKey })
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (missing.length === 0) saving.mutate(draft)
  }
  const names: Readonly<Record<DraftField, string>> = {
    title: t('exams.column.title'),
    url: t('form.url'),
    minutes: t('form.minutes'),
    questions: t('form.questions'),
  }
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <div className={classes.languages}>
        {LANGUAGES.map((language) => (
          <TextInput
            key={language}
            lang={language}
            label={t(`form.title.${language}`)}
            value={draft.title[language]}
            maxLength={300}
            onChange={(event) =>
              setDraft({ ...draft, title: { ...draft.title, [language]: event.currentTarget.value } })
            }
          />
        ))}
      </div>
      <div className={classes.languages}>
        <NativeSelect
          label={t('form.kind')}
          description={draft.exam_id === null ? undefined : t('form.kind_fixed')}
          disabled={draft.exam_id !== null}
          value={draft.kind}
          data={[
            { value: 'embedded', label: t('kind.embedded') },
            { value: 'url', label: t('kind.url') },
          ]}
          onChange={(event) =>
            setDraft({ ...draft, kind: event.currentTarget.value === 'url' ? 'url' : 'embedded' })
          }
        />
        <TextInput
          label={t('form.minutes')}
          inputMode="numeric"
          value={draft.minutes}
          onChange={(event) => setDraft({ ...draft, minutes: event.currentTarget.value.trim() })}
        />
        {draft.kind === 'url' ? (
          <TextInput
            type="url"
            label={t('form.url')}
            placeholder="https://"
            value={draft.url}
            onChange={(event) => setDraft({ ...draft, url: event.currentTarget.value.trim() })}
          />
        ) : null}
      </div>
      {draft.kind === 'embedded' ? <QuestionsEditor draft={draft} onChange={setDraft} /> : null}
      <EntrySteps policy={draft.policy} onChange={(policy) => setDraft({ ...draft, policy })} />
      <OpeningChecks policy={draft.policy} onChange={(policy) => setDraft({ ...draft, policy })} />
      <PolicyEditor
        value={draft.policy}
        refused={saving.error ? problemOf(saving.error).fields : []}
        onChange={(policy) => setDraft({ ...draft, policy })}
      />
      {tried && missing.length > 0 ? (
        <p role="alert" className={classes.missing}>
          {t('form.missing', { fields: missing.map((field) => names[field]).join(', ') })}
        </p>
      ) : null}
      {saving.error ? <ProblemNotice error={saving.error} /> : null}
      <div className={classes.buttons}>
        <Button type="submit" loading={saving.isPending}>
          {t('form.save')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('ui:cancel')}
        </Button>
      </div>
    </form>
  )
}
