import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SittingDetail } from '@/api/types'
import { Loading } from '@/ui/Page'
import fold from './IdentityFold.module.css'

/** Pictures and document come when somebody opens them; every view of a document is logged. */
const Identity = lazy(async () => ({ default: (await import('@/identity/Identity')).Identity }))

/** Who sits, folded up: one line among the sitting's other facts, everything once it is opened. */
export function IdentityFold({ sitting }: { sitting: SittingDetail }) {
  const { t } = useTranslation('invigilate')
  const [open, setOpen] = useState(false)
  const { photographs, document } = sitting
  if (photographs.length === 0 && document === 'none') return null
  return (
    <details className={fold.fold} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span>{t('identity.title')}</span>
        <span className={fold.under}>{t('identity.photographs', { number: photographs.length })}</span>
        {document === 'none' ? null : (
          <span className={document === 'clear' ? fold.under : fold.look}>{t(`identity.document.${document}`)}</span>
        )}
      </summary>
      {open ? (
        <div className={fold.body}>
          <Suspense fallback={<Loading />}>
            <Identity sitting={sitting} />
          </Suspense>
        </div>
      ) : null}
    </details>
  )
}
