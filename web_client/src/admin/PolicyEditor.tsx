import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Check, CircleAlert } from 'lucide-react'
import { useDeferredValue, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, unwrap } from '@/api/client'
import type { PolicyFieldError } from '@/api/types'
import { ProblemNotice } from '@/ui/ProblemNotice'
import classes from './Admin.module.css'
import { lineOf, lineSpan } from './model/policy-lines'

const CHECK_AFTER_MS = 400

/** The text once it has rested for a moment, so that the server is not asked at every key. */
function useRested(text: string): string {
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), CHECK_AFTER_MS)
    return () => clearTimeout(timer)
  }, [text])
  return rested
}

interface PolicyEditorProps {
  readonly value: string
  /** What the server found wrong when the exam was saved. */
  readonly refused: readonly PolicyFieldError[]
  readonly onChange: (value: string) => void
}

/** The exam's policy with numbered lines; each error names its line and leads there. */
export function PolicyEditor({ value, refused, onChange }: PolicyEditorProps) {
  const { t } = useTranslation('admin')
  const id = useId()
  const area = useRef<HTMLTextAreaElement>(null)
  const rested = useRested(value)
  const check = useQuery({
    queryKey: ['policy', rested],
    queryFn: () => unwrap(api.POST('/api/policy/validate', { body: { toml: rested } })),
    placeholderData: (before) => before,
  })
  const insert = useMutation({
    mutationFn: () => unwrap(api.GET('/api/policy/default')),
    onSuccess: ({ toml }) => onChange(toml),
  })
  const errors = check.data ? check.data.errors : refused
  const located = errors.map((error) => ({ ...error, line: lineOf(value, error.field, error.message) }))
  const wrong = new Set(located.map((error) => error.line))
  const numbers = useDeferredValue(value).split('\n')
  const goTo = (line: number) => {
    const { start, end } = lineSpan(value, line)
    const element = area.current
    if (!element) return
    element.focus()
    element.setSelectionRange(start, end)
    element.scrollTop = (line - 3) * (element.scrollHeight / value.split('\n').length)
  }
  return (
    <section className={classes.policy}>
      <div className={classes.policyHead}>
        <label htmlFor={id}>{t('form.policy')}</label>
        <Button size="compact-sm" variant="default" loading={insert.isPending} onClick={() => insert.mutate()}>
          {t('form.policy_default')}
        </Button>
      </div>
      <p className={classes.hint} id={`${id}-hint`}>
        {t('form.policy_hint')}
      </p>
      <div className={classes.editor}>
        <div className={classes.gutter} aria-hidden>
          <ol>
            {numbers.map((_, index) => (
              // Lines have no identity but their number.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={index} data-wrong={wrong.has(index + 1)}>
                {index + 1}
              </li>
            ))}
          </ol>
        </div>
        <textarea
          ref={area}
          id={id}
          value={value}
          rows={16}
          wrap="off"
          spellCheck={false}
          aria-describedby={`${id}-hint ${id}-errors`}
          aria-invalid={errors.length > 0}
          onChange={(event) => onChange(event.currentTarget.value)}
          onScroll={(event) => {
            const gutter = event.currentTarget.previousElementSibling
            if (gutter) gutter.scrollTop = event.currentTarget.scrollTop
          }}
        />
      </div>
      <div id={`${id}-errors`} role="status" className={classes.verdict}>
        {check.isFetching && !check.data ? t('form.policy_checking') : null}
        {check.data?.ok ? (
          <span className={classes.valid}>
            <Check size={15} aria-hidden /> {t('form.policy_ok')}
          </span>
        ) : null}
        {located.length > 0 ? (
          <>
            <span className={classes.invalid}>
              <CircleAlert size={15} aria-hidden /> {t('form.policy_errors', { count: located.length })}
            </span>
            <ul>
              {located.map((error) => (
                <li key={`${error.field} ${error.message}`}>
                  {error.line === null ? null : (
                    <button type="button" onClick={() => goTo(error.line ?? 1)}>
                      {t('form.policy_line', { line: error.line })}
                    </button>
                  )}
                  <code>{error.field}</code> <span lang="en">{error.message}</span>
                </li>
              ))}
            </ul>
          </>
        ) : null}
      </div>
      {check.error ? <ProblemNotice error={check.error} onRetry={() => void check.refetch()} /> : null}
    </section>
  )
}
