import { Button } from '@mantine/core'
import { Volume2, VolumeX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, unwrap } from '@/api/client'
import type { Track } from '@/api/types'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { useStore } from '@/ui/store'
import classes from './LiveStage.module.css'
import { COMPUTER_TRACKS, LiveView, PHONE_TRACKS } from './model/live-view'

function createView(sittingId: string, tracks: readonly Track[]): LiveView {
  const ports = {
    // Without an explicit empty list some browsers would ask a public server for their address.
    createPeer: () => new RTCPeerConnection({ iceServers: [] }),
    createStream: (track: MediaStreamTrack) => new MediaStream([track]),
    open: (offer_sdp: string) =>
      unwrap(
        api.POST('/api/sittings/{sitting_id}/viewers', {
          params: { path: { sitting_id: sittingId } },
          body: { offer_sdp, tracks: [...tracks] },
        }),
      ),
    close: (viewer_id: string) => api.DELETE('/api/viewers/{viewer_id}', { params: { path: { viewer_id } } }),
    after: (ms: number, task: () => void) => {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    },
  }
  return new LiveView(ports, tracks)
}

/** A live view of some tracks, open as long as its component is shown. */
function useLiveView(sittingId: string, tracks: readonly Track[]) {
  const [view] = useState(() => createView(sittingId, tracks))
  useEffect(() => {
    view.start()
    return () => view.close()
  }, [view])
  return useStore(view)
}

interface LivePictureProps {
  readonly name: 'camera' | 'screen' | 'phone'
  readonly stream: MediaStream | null
  /** What lies over a picture that is not live. */
  readonly cover: 'link_lost' | 'no_picture' | null
}

function LivePicture({ name, stream, cover }: LivePictureProps) {
  const { t } = useTranslation(['invigilate', 'ui'])
  const element = useRef<HTMLVideoElement>(null)
  const [arrived, setArrived] = useState(false)
  useEffect(() => {
    if (element.current) element.current.srcObject = stream
  }, [stream])
  const covered = cover ?? (arrived ? null : 'no_picture')
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
      {covered === null ? null : <p className={classes.over}>{t(`live.${covered}`)}</p>}
      <figcaption>{t(`ui:track.${name}`)}</figcaption>
    </figure>
  )
}

/** The telephone's picture; it comes and goes without disturbing the others. */
function PhonePicture({ sittingId }: { sittingId: string }) {
  const { status, phone } = useLiveView(sittingId, PHONE_TRACKS)
  return <LivePicture key={`phone ${phone?.id}`} name="phone" stream={phone} cover={status === 'lost' ? 'no_picture' : null} />
}

interface LiveStageProps {
  readonly sittingId: string
  /** Nothing comes from the candidate: the last picture stands still and must not be taken for a live one. */
  readonly isLinkLost: boolean
  /** A telephone sends a picture too. */
  readonly hasPhone: boolean
  readonly muted: boolean
  readonly onMute: (muted: boolean) => void
}

/** The sitting's camera, screen and telephone as they are now, and its sound when wanted. */
export function LiveStage({ sittingId, isLinkLost, hasPhone, muted, onMute }: LiveStageProps) {
  const { t } = useTranslation('invigilate')
  const { status, camera, screen, microphone, failure } = useLiveView(sittingId, COMPUTER_TRACKS)
  const sound = useRef<HTMLAudioElement>(null)
  useEffect(() => {
    if (sound.current) sound.current.srcObject = microphone
  }, [microphone])
  const shown = status === 'live' && isLinkLost ? 'waiting' : status
  const cover = isLinkLost ? 'link_lost' : null
  return (
    <section className={classes.stage} aria-label={t('live.status.live')}>
      <div className={classes.pictures} data-phone={hasPhone}>
        <LivePicture key={`camera ${camera?.id}`} name="camera" stream={camera} cover={cover} />
        <LivePicture key={`screen ${screen?.id}`} name="screen" stream={screen} cover={cover} />
        {hasPhone ? <PhonePicture sittingId={sittingId} /> : null}
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
