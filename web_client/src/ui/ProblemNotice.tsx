import { Button } from '@mantine/core'
import { CircleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useProblemWords } from '@/i18n/problems'
import classes from './ProblemNotice.module.css'

/** What went wrong and what to do, in the reader's language. */
export function ProblemNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation('ui')
  const words = useProblemWords()(error)
  return (
    <div className={classes.notice} role="alert">
      <CircleAlert size={18} aria-hidden className={classes.icon} />
      <div>
        <p className={classes.title}>{words.title}</p>
        <p>{words.remedy}</p>
        {onRetry ? (
          <Button size="compact-sm" variant="default" mt={8} onClick={onRetry}>
            {t('retry')}
          </Button>
        ) : null}
      </div>
    </div>
  )
}
