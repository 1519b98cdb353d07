import { Button } from '@mantine/core'
import { Volume2, VolumeX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, unwrap } from '@/api/client'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { useStore } from '@/ui/store'
import classes from './LiveStage.module.css'
import { LIVE_TRACKS, LiveView } from './model/live-view'

function createView(sittingId: string): LiveView {
  return new LiveView({
    // Without an explicit empty list some browsers would ask a public server for their address.
    createPeer: () => new RTCPeerConnection({ iceServers: [] }),
    createStream: (track) => new MediaStream([track]),
    open: (offer_sdp) =>
      unwrap(
        api.POST('/api/sittings/{sitting_id}/viewers', {
          params: { path: { sitting_id: sittingId } },
          body: { offer_sdp, tracks: [...LIVE_TRACKS] },
        }),
      ),
    close: (viewer_id) => api.DELETE('/api/viewers/{viewer_id}', { params: { path: { viewer_id } } }),
    after: (ms, task) => {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    },
  })
}

interface LivePictureProps {
  readonly name: 'camera' | 'screen'
  readonly stream: MediaStream | null
  readonly isLinkLost: boolean
}

function LivePicture({ name, stream, isLinkLost }: LivePictureProps) {
  const { t } = useTranslation(['invigilate', 'ui'])
  const element = useRef<HTMLVideoElement>(null)
  const [arrived, setArrived] = useState(false)
  useEffect(() => {
    if (element.current) element.current.srcObject = stream
  }, [stream])
  return (
    <figure className={classes.picture} data-track={name}>
      <video
        ref={element}
        autoPlay
        muted
        playsInline
        aria-label={t(`ui:track.${name}`)}
        onPlaying={() => setArrived(true)}
      />
      {isLinkLost ? (
        <p className={classes.over}>{t('live.link_lost')}</p>
      ) : arrived ? null : (
        <p className={classes.over}>{t('live.no_picture')}</p>
      )}
      <figcaption>{t(`ui:track.${name}`)}</figcaption>
    </figure>
  )
}

interface LiveStageProps {
  readonly sittingId: string
  /** Nothing comes from the candidate: the last picture stands still and must not be taken for a live one. */
  readonly isLinkLost: boolean
  readonly muted: boolean
  readonly onMute: (muted: boolean) => void
}

/** The sitting's camera and screen as they are now, and its sound when wanted. */
export function LiveStage({ sittingId, isLinkLost, muted, onMute }: LiveStageProps) {
  const { t } = useTranslation('invigilate')
  const [view] = useState(() => createView(sittingId))
  const { status, camera, screen, microphone, failure } = useStore(view)
  const sound = useRef<HTMLAudioElement>(null)
  useEffect(() => {
    view.start()
    return () => view.close()
  }, [view])
  useEffect(() => {
    if (sound.current) sound.current.srcObject = microphone
  }, [microphone])
  const shown = status === 'live' && isLinkLost ? 'waiting' : status
  return (
    <section className={classes.stage} aria-label={t('live.status.live')}>
      <div className={classes.pictures}>
        <LivePicture key={`camera ${camera?.id}`} name="camera" stream={camera} isLinkLost={isLinkLost} />
        <LivePicture key={`screen ${screen?.id}`} name="screen" stream={screen} isLinkLost={isLinkLost} />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- live sound has no captions */}
      <audio ref={sound} autoPlay muted={muted} />
      <div className={classes.bar}>
        <span className={classes.status} data-status={shown} role="status">
          {t(`live.status.${shown}`)}
        </span>
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          c="inherit"
          aria-pressed={!muted}
          leftSection={muted ? <VolumeX size={16} aria-hidden /> : <Volume2 size={16} aria-hidden />}
          onClick={() => onMute(!muted)}
        >
          {muted ? t('live.sound_on') : t('live.sound_off')}
        </Button>
      </div>
      {failure === null ? null : <ProblemNotice error={failure} />}
    </section>
  )
}
