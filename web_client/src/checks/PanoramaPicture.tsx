import { ActionIcon } from '@mantine/core'
import { ZoomIn, ZoomOut } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Check.module.css'

const LARGEST = 3

interface PanoramaProps {
  readonly url: string
  /** What the picture shows, for those who do not see it. */
  readonly description: string
}

/** The room's panorama, whole at first; enlarged it scrolls. */
export function PanoramaPicture({ url, description }: PanoramaProps) {
  const { t } = useTranslation('checks')
  const [zoom, setZoom] = useState(0)
  return (
    <figure className={classes.panorama}>
      <figcaption>
        <span>{t('panorama.title')}</span>
        <ActionIcon
          variant="default"
          size={28}
          aria-label={t('panorama.smaller')}
          title={t('panorama.smaller')}
          disabled={zoom === 0}
          onClick={() => setZoom(zoom - 1)}
        >
          <ZoomOut size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="default"
          size={28}
          aria-label={t('panorama.larger')}
          title={t('panorama.larger')}
          disabled={zoom === LARGEST}
          onClick={() => setZoom(zoom + 1)}
        >
          <ZoomIn size={16} aria-hidden />
        </ActionIcon>
      </figcaption>
      <div
        className={classes.panoramaView}
        // Scrolling by keyboard needs focus on the region itself.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={t('panorama.title')}
      >
        <img src={url} alt={description} data-zoom={zoom} />
      </div>
    </figure>
  )
}
