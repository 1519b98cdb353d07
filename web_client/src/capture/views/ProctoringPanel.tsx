import { Button } from '@mantine/core'
import {
  Camera,
  CameraOff,
  ChevronDown,
  ChevronUp,
  CircleDot,
  Mic,
  MicOff,
  Monitor,
  MonitorOff,
  Smartphone,
  Wifi,
  WifiOff,
} from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Duration } from '@/ui/Time'
import type { SittingForCandidate, TrackName } from '../contract'
import { requiredTracks } from '../equipment'
import type { Gear } from '../gear'
import { recordedMs, sendingOf } from '../sending'
import classes from './Panel.module.css'
import { PanelDetails } from './PanelDetails'
import { useWatched } from './useWatched'

const ICONS: Readonly<Record<TrackName, readonly [typeof Camera, typeof Camera]>> = {
  camera: [Camera, CameraOff],
  microphone: [Mic, MicOff],
  screen: [Monitor, MonitorOff],
}

/** One line: what is being sent, whether it is recorded, whether the connection stands. Folds out for more. */
export function ProctoringPanel({ gear, sitting }: { gear: Gear; sitting: SittingForCandidate }) {
  const { t } = useTranslation('capture')
  const devices = useWatched(gear.devices.states)
  const publisher = useWatched(gear.publisher.state)
  const control = useWatched(gear.control.state)
  const recording = useWatched(gear.recording)
  const phoneJoined = useWatched(gear.checks.phoneJoined)
  const [open, setOpen] = useState(false)
  const details = useId()
  const connected = publisher.phase === 'connected' && control === 'open'
  const recorded = recordedMs(recording)
  const isRecording = recording?.some(({ receiving, failed }) => receiving && failed == null) === true
  return (
    <section className={classes.panel} aria-label={t('panel.label')}>
      <div className={classes.line} data-open={open}>
        <ul className={classes.states} aria-live="polite">
          {requiredTracks(sitting).map((track) => {
            const sending = sendingOf(track, devices[track], publisher, recording)
            const Icon = ICONS[track][sending === 'off' ? 1 : 0]
            return (
              <li key={track} className={classes.state} data-track={track} data-state={sending}>
                <Icon size={16} aria-hidden /> <span>{t(`sending.${track}.${sending}`)}</span>
              </li>
            )
          })}
          {phoneJoined ? (
            <li className={classes.state} data-track="phone" data-state="on">
              <Smartphone size={16} aria-hidden /> <span>{t('guided.phone.joined')}</span>
            </li>
          ) : null}
          <li className={classes.state} data-track="recording" data-state={isRecording ? 'on' : 'waiting'}>
            <CircleDot size={16} aria-hidden />{' '}
            <span>{isRecording ? t('panel.recording') : t('panel.recording_waits')}</span>
          </li>
          <li className={classes.state} data-track="link" data-state={connected ? 'on' : 'waiting'}>
            {connected ? <Wifi size={16} aria-hidden /> : <WifiOff size={16} aria-hidden />}
            <span>{connected ? t('link.good') : t('link.wait')}</span>
          </li>
        </ul>
        <Button
          size="compact-sm"
          variant="subtle"
          aria-expanded={open}
          aria-controls={details}
          rightSection={open ? <ChevronUp size={16} aria-hidden /> : <ChevronDown size={16} aria-hidden />}
          onClick={() => setOpen(!open)}
        >
          {open ? t('panel.less') : t('panel.more')}
        </Button>
      </div>
      <div id={details} hidden={!open}>
        {open ? <PanelDetails gear={gear} sitting={sitting} /> : null}
        {open && recorded !== null ? (
          <p className={classes.recorded}>
            {t('panel.recorded')}: <Duration ms={recorded} />
          </p>
        ) : null}
      </div>
    </section>
  )
}
