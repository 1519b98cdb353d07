import { Button, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, unwrap } from '@/api/client'
import { Dialog } from '@/ui/Dialog'
import { ProblemNotice } from '@/ui/ProblemNotice'
import classes from './WatchedSitting.module.css'

interface MessageProps {
  readonly sittingId: string
  readonly name: string
  readonly onClose: () => void
}

/** Writes to the candidate, whose page shows it at once. */
export function MessageDialog({ sittingId, name, onClose }: MessageProps) {
  const { t } = useTranslation(['invigilate', 'ui'])
  const [text, setText] = useState('')
  const send = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST('/api/sittings/{sitting_id}/messages', {
          params: { path: { sitting_id: sittingId } },
          body: { text },
        }),
      ),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== '') send.mutate()
  }
  return (
    <Dialog title={t('message.title', { name })} onClose={onClose}>
      {send.isSuccess ? (
        <div className={classes.message}>
          <p role="status">{t('message.sent')}</p>
          <Button variant="default" onClick={onClose}>
            {t('ui:close')}
          </Button>
        </div>
      ) : (
        <form className={classes.message} onSubmit={submit}>
          <Textarea
            label={t('message.text')}
            description={t('message.hint')}
            rows={3}
            maxLength={2000}
            value={text}
            data-autofocus
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {send.error ? <ProblemNotice error={send.error} /> : null}
          <Button type="submit" loading={send.isPending} disabled={text.trim() === ''}>
            {t('message.send')}
          </Button>
        </form>
      )}
    </Dialog>
  )
}
