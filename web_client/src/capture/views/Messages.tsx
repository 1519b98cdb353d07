import { Button } from '@mantine/core'
import { MessageSquare } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Instant } from '@/ui/Time'
import type { Gear } from '../gear'
import classes from './Exam.module.css'
import { useWatched } from './useWatched'

/** New messages stand above the exam until they were read; all of them stay in the panel. */
export function Messages({ gear }: { gear: Gear }) {
  const { t } = useTranslation('capture')
  const messages = useWatched(gear.messages)
  const read = useWatched(gear.messagesRead)
  return (
    <div aria-live="polite" className={classes.interruptions}>
      {messages
        .filter(({ message_id }) => !read.has(message_id))
        .map((message) => (
          <div key={message.message_id} className={classes.message}>
            <MessageSquare size={18} aria-hidden className={classes.messageIcon} />
            <div>
              <p className={classes.noticeTitle}>
                {t('message.from')} · <Instant at={message.sent_at} clockOnly />
              </p>
              <p>{message.text}</p>
            </div>
            <Button variant="default" onClick={() => gear.messagesRead.set(new Set([...read, message.message_id]))}>
              {t('message.understood')}
            </Button>
          </div>
        ))}
    </div>
  )
}
