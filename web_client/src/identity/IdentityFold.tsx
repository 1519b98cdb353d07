import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SittingDetail } from '@/api/types'
import { IdentityDocument } from './IdentityDocument'
import fold from './IdentityFold.module.css'
import { Photographs } from './Photographs'

/** Who sits, folded up: one line among the pages of an invigilator, everything once it is opened. */
export function IdentityFold({ sitting }: { sitting: SittingDetail }) {
  const { t } = useTranslation('identity')
  const [open, setOpen] = useState(false)
  const { photographs, document } = sitting
  if (photographs.length === 0 && document === 'none') return null
  return (
    <details className={fold.fold} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {t('fold.title')}
        <span className={fold.under}>{t('fold.photographs', { number: photographs.length })}</span>
        {document === 'none' ? null : (
          <span className={document === 'clear' ? fold.under : fold.look}>{t(`fold.document.${document}`)}</span>
        )}
      </summary>
      <div className={fold.body}>
        <Photographs photographs={photographs} />
        {open && document !== 'none' ? <IdentityDocument sittingId={sitting.sitting_id} /> : null}
      </div>
    </details>
  )
}
