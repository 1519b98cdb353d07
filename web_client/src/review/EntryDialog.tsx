import { useTranslation } from 'react-i18next'
import type { TimelineEntry } from '@/api/types'
import { Dialog } from '@/ui/Dialog'
import { Instant } from '@/ui/Time'
import { useEntryWords } from './EntryRow'
import classes from './Timeline.module.css'

/** An entry as the timeline holds it: its content and the hashes that chain it. */
export function EntryDialog({ entry, onClose }: { entry: TimelineEntry; onClose: () => void }) {
  const { t } = useTranslation('review')
  const { name } = useEntryWords()(entry)
  return (
    <Dialog title={`${t('timeline.entry', { seq: entry.seq })} · ${name}`} onClose={onClose}>
      <dl className={classes.record}>
        <dt>{t('timeline.time')}</dt>
        <dd>
          <Instant at={entry.utc} />
        </dd>
        <dt>{t('timeline.hash')}</dt>
        <dd>
          <code>{entry.hash}</code>
        </dd>
        <dt>{t('timeline.previous')}</dt>
        <dd>
          <code>{entry.previous_hash}</code>
        </dd>
        <dt>{t('timeline.content')}</dt>
        <dd>
          <pre>{JSON.stringify(entry.payload, null, 2)}</pre>
        </dd>
      </dl>
    </Dialog>
  )
}
