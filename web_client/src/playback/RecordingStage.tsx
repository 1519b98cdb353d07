import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Recording, Track } from '@/api/types'
import { useStore } from '@/ui/store'
import type { SyncedPlayback } from './model/synced-playback'
import classes from './Playback.module.css'
import { PlaybackControls } from './PlaybackControls'
import { RecordedPicture, RecordedSound } from './RecordedTrackView'

const TICK_MS = 200
const PICTURES: readonly Track[] = ['camera', 'screen', 'phone']

interface StageProps {
  readonly recording: Recording
  readonly playback: SyncedPlayback
  readonly marks: readonly number[]
  /** Sound at first; browsers allow it only after the person has pressed something on the page. */
  readonly sound: boolean
}

/** Recorded camera, screen and sound of a sitting, in step. */
export function RecordingStage({ recording, playback, marks, sound }: StageProps) {
  const { t } = useTranslation(['playback', 'ui'])
  const [muted, setMuted] = useState(!sound)
  const { timeMs } = useStore(playback)
  useEffect(() => {
    const timer = setInterval(() => playback.tick(), TICK_MS)
    return () => {
      clearInterval(timer)
      playback.pause()
    }
  }, [playback])
  useEffect(() => playback.extend(recording.duration_ms), [playback, recording.duration_ms])
  const pictures = PICTURES.flatMap((name) => recording.tracks.filter((track) => track.track === name))
  const microphone = recording.tracks.find((track) => track.track === 'microphone')
  return (
    <section aria-label={t('player')} className={classes.stage}>
      <div className={classes.pictures}>
        {pictures.map((track) => (
          <RecordedPicture key={track.track} track={track} playback={playback} timeMs={timeMs} />
        ))}
        {pictures.length === 0 ? <p className={classes.none}>{t('absent')}</p> : null}
      </div>
      {microphone ? <RecordedSound track={microphone} playback={playback} muted={muted} /> : null}
      <PlaybackControls
        playback={playback}
        durationMs={recording.duration_ms}
        muted={muted}
        onMute={setMuted}
        marks={marks}
      />
    </section>
  )
}
