import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RecordedTrack } from '@/api/types'
import { duration } from '@/i18n/format'
import type { SyncedPlayback } from './model/synced-playback'
import classes from './Playback.module.css'

interface RecordedTrackProps {
  readonly track: RecordedTrack
  readonly playback: SyncedPlayback
  readonly timeMs: number
}

/** One recorded picture; the playback it is attached to moves it. */
export function RecordedPicture({ track, playback, timeMs }: RecordedTrackProps) {
  const { t } = useTranslation(['playback', 'ui'])
  const element = useRef<HTMLVideoElement>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const media = element.current
    if (!media) return undefined
    playback.attach(track.track, media, track.start_ms)
    return () => playback.detach(track.track)
  }, [playback, track.track, track.start_ms])
  const gap = track.gaps.find((each) => timeMs >= each.start_ms && timeMs < each.end_ms)
  const shown = failed ? t('failed') : gap ? t('gap', { from: duration(gap.start_ms), to: duration(gap.end_ms) }) : null
  return (
    <figure className={classes.picture} data-track={track.track}>
      <video
        ref={element}
        src={track.url}
        aria-label={t(`ui:track.${track.track}`)}
        preload="auto"
        muted
        playsInline
        onError={() => setFailed(true)}
      />
      {shown === null ? null : <p className={classes.over}>{shown}</p>}
      <figcaption>{t(`ui:track.${track.track}`)}</figcaption>
    </figure>
  )
}

/** The recorded sound, heard when `muted` is false. */
export function RecordedSound({ track, playback, muted }: Omit<RecordedTrackProps, 'timeMs'> & { muted: boolean }) {
  const element = useRef<HTMLAudioElement>(null)
  useEffect(() => {
    const media = element.current
    if (!media) return undefined
    playback.attach(track.track, media, track.start_ms)
    return () => playback.detach(track.track)
  }, [playback, track.track, track.start_ms])
  return (
    // oxlint-disable-next-line jsx-a11y/media-has-caption -- a recording of a sitting has no captions
    <audio ref={element} src={track.url} preload="auto" muted={muted} />
  )
}
