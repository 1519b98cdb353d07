import { ActionIcon } from '@mantine/core'
import { Pause, Play, RotateCcw, RotateCw, Volume2, VolumeX } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { duration } from '@/i18n/format'
import { useStore } from '@/ui/store'
import type { SyncedPlayback } from './model/synced-playback'
import classes from './Playback.module.css'

const RATES = [0.5, 1, 1.5, 2, 4]

interface ControlsProps {
  readonly playback: SyncedPlayback
  readonly durationMs: number
  readonly muted: boolean
  readonly onMute: (muted: boolean) => void
  /** Start times of what the scale should mark. */
  readonly marks: readonly number[]
}

interface ControlProps {
  readonly label: string
  readonly pressed?: boolean
  readonly onPress: () => void
  readonly children: ReactNode
}

function Control({ label, pressed, onPress, children }: ControlProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      c="inherit"
      size={32}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      onClick={onPress}
    >
      {children}
    </ActionIcon>
  )
}

/** Play, seek, speed and sound for all tracks at once. */
export function PlaybackControls({ playback, durationMs, muted, onMute, marks }: ControlsProps) {
  const { t } = useTranslation('playback')
  const { timeMs, playing, rate, waiting } = useStore(playback)
  return (
    <div className={classes.controls}>
      <Control label={playing ? t('pause') : t('play')} onPress={() => playback.toggle()}>
        {playing ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
      </Control>
      <Control label={t('back')} onPress={() => playback.step(-5_000)}>
        <RotateCcw size={16} aria-hidden />
      </Control>
      <Control label={t('forward')} onPress={() => playback.step(5_000)}>
        <RotateCw size={16} aria-hidden />
      </Control>
      <span className={classes.clock}>
        {duration(timeMs)} <span className={classes.total}>/ {duration(durationMs)}</span>
      </span>
      <span className={classes.scale}>
        <svg className={classes.marks} aria-hidden viewBox="0 0 1000 8" preserveAspectRatio="none">
          {marks.map((at) => (
            <rect key={at} x={(1000 * at) / Math.max(1, durationMs)} y={0} width={2.5} height={8} />
          ))}
        </svg>
        <input
          type="range"
          min={0}
          max={durationMs}
          step={1000}
          value={timeMs}
          aria-label={t('position')}
          aria-valuetext={t('position_text', { now: duration(timeMs), total: duration(durationMs) })}
          onChange={(event) => playback.seek(Number(event.currentTarget.value))}
        />
      </span>
      <span className={classes.wait} role="status">
        {waiting ? t('waiting') : ''}
      </span>
      <label className={classes.rate}>
        <span className="visually-hidden">{t('rate')}</span>
        <select value={rate} onChange={(event) => playback.setRate(Number(event.currentTarget.value))}>
          {RATES.map((each) => (
            <option key={each} value={each}>
              {each}×
            </option>
          ))}
        </select>
      </label>
      <Control label={t('sound')} pressed={!muted} onPress={() => onMute(!muted)}>
        {muted ? <VolumeX size={18} aria-hidden /> : <Volume2 size={18} aria-hidden />}
      </Control>
    </div>
  )
}
