import { Kbd } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Dialog } from '@/ui/Dialog'
import classes from './Invigilate.module.css'

const KEYS = ['j', 'k', 'Enter', 'n', 'd', 'u', 'g', 'l', 's', 'm', 'o', 'Escape', '?'] as const

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('invigilate')
  return (
    <Dialog title={t('help.title')} onClose={onClose}>
      <dl className={classes.keys}>
        {KEYS.map((key) => (
          <div key={key}>
            <dt>
              <Kbd>{key.length === 1 ? key.toUpperCase() : key === 'Escape' ? 'Esc' : key}</Kbd>
            </dt>
            <dd>{t(`help.key.${key}`)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
