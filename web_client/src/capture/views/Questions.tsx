import { Button, Textarea } from '@mantine/core'
import { Check, CircleAlert, HardDrive, Loader } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useLanguage } from '@/i18n'
import { pick } from '@/i18n/language'
import type { Answer, AnswerBook } from '../answers'
import type { Question } from '../contract'
import classes from './Questions.module.css'
import { useWatched } from './useWatched'

/** The written questions, one after another, each saying whether its answer is safe. */
export function Questions({ questions, book }: { questions: readonly Question[]; book: AnswerBook }) {
  const { t } = useTranslation('capture')
  const answers = useWatched(book.answers)
  if (questions.length === 0) return <p>{t('exam.no_questions')}</p>
  return (
    <ol className={classes.questions}>
      {questions.map((question, index) => {
        const answer = answers[question.question_id]
        return answer === undefined ? null : (
          <QuestionCard key={question.question_id} question={question} number={index + 1} answer={answer} book={book} />
        )
      })}
    </ol>
  )
}

interface QuestionCardProps {
  readonly question: Question
  readonly number: number
  readonly answer: Answer
  readonly book: AnswerBook
}

function QuestionCard({ question, number, answer, book }: QuestionCardProps) {
  const { t } = useTranslation('capture')
  const language = useLanguage()
  const id = question.question_id
  return (
    <li className={classes.question}>
      <h2 id={`question-${id}`}>{t('exam.question', { number })}</h2>
      <p id={`text-${id}`} className={classes.text}>
        {pick(question.text, language)}
      </p>
      <Textarea
        label={t('exam.answer')}
        aria-describedby={`text-${id} safety-${id}`}
        value={answer.text}
        rows={6}
        size="md"
        onChange={(event) => book.write(id, event.currentTarget.value)}
      />
      <p id={`safety-${id}`} className={classes.safety} data-safety={answer.safety}>
        <SafetyIcon safety={answer.safety} /> {t(`answer_state.${answer.safety}`)}
      </p>
      {answer.otherVersion === undefined ? null : (
        <div className={classes.other}>
          <p className={classes.otherTitle}>{t('other_version.title')}</p>
          <blockquote className={classes.otherText}>{answer.otherVersion}</blockquote>
          <div className={classes.otherActions}>
            <Button size="compact-sm" onClick={() => book.takeOtherVersion(id)}>
              {t('other_version.use')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => book.discardOtherVersion(id)}>
              {t('other_version.discard')}
            </Button>
          </div>
        </div>
      )}
    </li>
  )
}

function SafetyIcon({ safety }: { safety: Answer['safety'] }) {
  switch (safety) {
    case 'saved':
      return <Check size={14} aria-hidden />
    case 'saving':
      return <Loader size={14} aria-hidden />
    case 'kept':
      return <HardDrive size={14} aria-hidden />
    case 'refused':
      return <CircleAlert size={14} aria-hidden />
    case 'empty':
      return null
  }
}
