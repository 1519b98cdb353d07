import { ActionIcon, Button, Textarea } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { LANGUAGES } from '@/i18n/language'
import classes from './Admin.module.css'
import { type ExamDraft, withoutQuestion, withQuestion, withQuestionText } from './model/exam-draft'

interface QuestionsProps {
  readonly draft: ExamDraft
  readonly onChange: (draft: ExamDraft) => void
}

/** Written questions, each in three languages. */
export function QuestionsEditor({ draft, onChange }: QuestionsProps) {
  const { t } = useTranslation('admin')
  return (
    <section className={classes.questions} aria-label={t('form.questions')}>
      <h2>{t('form.questions')}</h2>
      {draft.questions.map((question, index) => (
        <fieldset key={question.question_id} className={classes.question}>
          <legend>{t('form.question', { number: index + 1 })}</legend>
          <div className={classes.languages}>
            {LANGUAGES.map((language) => (
              <Textarea
                key={language}
                lang={language}
                rows={3}
                maxLength={5000}
                label={t(`form.question_in.${language}`)}
                value={question.text[language]}
                onChange={(event) =>
                  onChange(withQuestionText(draft, question.question_id, language, event.currentTarget.value))
                }
              />
            ))}
          </div>
          <ActionIcon
            variant="subtle"
            color="gray"
            c="inherit"
            className={classes.remove ?? ''}
            aria-label={t('form.remove_question', { number: index + 1 })}
            title={t('form.remove_question', { number: index + 1 })}
            onClick={() => onChange(withoutQuestion(draft, question.question_id))}
          >
            <Trash2 size={16} aria-hidden />
          </ActionIcon>
        </fieldset>
      ))}
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Plus size={14} aria-hidden />}
        onClick={() => onChange(withQuestion(draft))}
      >
        {t('form.add_question')}
      </Button>
    </section>
  )
}
