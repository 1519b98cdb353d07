import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLanguage } from '@/i18n'
import { number } from '@/i18n/format'
import { Instant } from '@/ui/Time'
import type { SittingForCandidate } from '../contract'
import { requiredTracks } from '../equipment'
import type { Gear } from '../gear'
import { CameraPicture } from './CameraPicture'
import classes from './Panel.module.css'
import { useWatched } from './useWatched'

/** What is being sent in figures, one's own camera on demand, and every message so far. */
export function PanelDetails({ gear, sitting }: { gear: Gear; sitting: SittingForCandidate }) {
  const { t } = useTranslation(['capture', 'ui'])
  const language = useLanguage()
  const publisher = useWatched(gear.publisher.state)
  const messages = useWatched(gear.messages)
  const [preview, setPreview] = useState(false)
  const phoneJoined = useWatched(gear.checks.phoneJoined)
  const camera = gear.devices.track('camera')
  return (
    <div className={classes.details}>
      <section>
        <h2>{t('panel.sent')}</h2>
        <ul className={classes.figures}>
          {requiredTracks(sitting).map((track) => {
            const out = publisher.tracks[track]
            const size = out?.width === undefined ? '' : `${out.width}×${out.height ?? 0}, `
            return (
              <li key={track}>
                {t(`ui:track.${track}`)}:{' '}
                <span className="numeric">
                  {size}
                  {t('panel.rate', { rate: number(out?.kilobitsPerSecond ?? 0, language, 0) })}
                </span>
              </li>
            )
          })}
          {publisher.roundTripMs === undefined ? null : (
            <li>
              {t('link.good')}: <span className="numeric">{t('panel.round_trip', { ms: publisher.roundTripMs })}</span>
            </li>
          )}
        </ul>
        {camera === undefined ? null : (
          <Button
            size="compact-sm"
            variant="default"
            mt={8}
            aria-pressed={preview}
            onClick={() => setPreview(!preview)}
          >
            {preview ? t('panel.hide_preview') : t('panel.show_preview')}
          </Button>
        )}
        {preview && camera !== undefined ? (
          <CameraPicture track={camera} label={t('equipment.preview')} className={classes.preview} />
        ) : null}
        {phoneJoined ? (
          <p>
            <Button size="compact-sm" variant="default" mt={8} onClick={() => void gear.checks.sendPhoneAway()}>
              {t('guided.phone.send_away')}
            </Button>
          </p>
        ) : null}
      </section>
      <section>
        <h2>{t('panel.messages')}</h2>
        {messages.length === 0 ? <p className={classes.none}>{t('panel.no_messages')}</p> : null}
        <ul className={classes.messages}>
          {messages.map((message) => (
            <li key={message.message_id}>
              <Instant at={message.sent_at} clockOnly /> {message.text}
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}
