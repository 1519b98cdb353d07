import { Button, Kbd } from '@mantine/core'
import { Undo2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Incident } from '@/api/types'
import { duration } from '@/i18n/format'
import { useNow } from '@/ui/useNow'
import { undoLeftMs } from './model/attention'

/** Takes a decision back while its minute lasts; afterwards it is not shown. */
export function UndoButton({ incident, onUndo }: { incident: Incident; onUndo: () => void }) {
  const { t } = useTranslation('invigilate')
  const left = undoLeftMs(incident, useNow(1_000))
  if (left === 0) return null
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<Undo2 size={15} aria-hidden />}
      rightSection={<Kbd size="xs">U</Kbd>}
      onClick={onUndo}
    >
      {t('detail.undo', { left: duration(left) })}
    </Button>
  )
}
