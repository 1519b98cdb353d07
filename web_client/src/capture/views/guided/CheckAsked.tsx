import { Button } from '@mantine/core'
import { Eye, Rotate3d, ScanFace } from 'lucide-react'
import { useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemNotice } from '@/ui/ProblemNotice'
import type { ChecksState } from '../../checks'
import type { CheckView, SittingForCandidate } from '../../contract'
import type { Gear } from '../../gear'
import { useWatched } from '../useWatched'
import { DeclineDialog } from './DeclineDialog'
import classes from './Guided.module.css'
import { OutOfSight } from './OutOfSight'
import { TrackChoice } from './TrackChoice'
import { useCheckWords } from './useCheckWords'

const ICONS = { room_scan: Rotate3d, challenge: ScanFace, gaze_calibration: Eye } as const

interface CheckAskedProps {
  readonly open: CheckView
  readonly state: ChecksState
  readonly gear: Gear
  readonly sitting: SittingForCandidate
}

/** What is asked for, what is recorded by it, and the two answers. */
export function CheckAsked({ open, state, gear, sitting }: CheckAskedProps) {
  const { t } = useTranslation(['capture', 'gaze'])
  const words = useCheckWords(open.check)
  const optional = open.check === 'gaze_calibration'
  const [declining, setDeclining] = useState(false)
  const panel = useRef<HTMLElement>(null)
  const heading = useId()
  const Icon = ICONS[open.check]
  const byPhone = open.check === 'room_scan' && state.track === 'phone'
  const waitsForPhone = !useWatched(gear.checks.phoneJoined) && byPhone
  return (
    <section ref={panel} className={classes.panel} aria-labelledby={heading} data-check={open.check}>
      <div className={classes.head}>
        <Icon size={24} aria-hidden className={classes.icon} />
        <div>
          <h2 id={heading} tabIndex={-1}>
            {words.title}
          </h2>
          <p className={classes.by}>
            {optional ? t('gaze:optional') : open.by_policy ? t('guided.by_policy') : t('guided.by_invigilator')}{' '}
            {sitting.opening ? t('guided.time_waits') : t('guided.time_runs')}
          </p>
        </div>
      </div>
      <Explanation check={open.check} byPhone={byPhone} />
      {open.check === 'room_scan' ? <TrackChoice gear={gear} state={state} /> : null}
      {state.problem === null ? null : <ProblemNotice error={state.problem} />}
      <div className={classes.actions}>
        <Button
          size="md"
          loading={state.busy === 'begin'}
          disabled={waitsForPhone}
          onClick={() => void gear.checks.begin()}
        >
          {t('guided.begin')}
        </Button>
        {optional ? (
          <Button
            size="md"
            variant="default"
            loading={state.busy === 'decline'}
            onClick={() => void gear.checks.decline()}
          >
            {t('gaze:leave')}
          </Button>
        ) : (
          <Button size="md" variant="default" onClick={() => setDeclining(true)}>
            {t('guided.decline')}
          </Button>
        )}
        {waitsForPhone ? <p className={classes.note}>{t('guided.phone.needed')}</p> : null}
      </div>
      <OutOfSight of={panel}>{words.pointer}</OutOfSight>
      {declining ? <DeclineDialog gear={gear} state={state} onClose={() => setDeclining(false)} /> : null}
    </section>
  )
}

function Explanation({ check, byPhone }: { check: CheckView['check']; byPhone: boolean }) {
  const { t } = useTranslation(['capture', 'challenge', 'gaze'])
  const points = {
    room_scan: () => [
      byPhone ? t('guided.room_scan.how_phone') : t('guided.room_scan.how_camera'),
      t('guided.room_scan.hints'),
      t('guided.room_scan.recorded'),
    ],
    challenge: () => [t('challenge:how'), t('challenge:dot'), t('challenge:colours'), t('challenge:recorded')],
    gaze_calibration: () => [t('gaze:how'), t('gaze:why'), t('gaze:window'), t('gaze:blind'), t('gaze:recorded')],
  }[check]()
  return (
    <ul className={classes.points}>
      {points.map((point) => (
        <li key={point}>{point}</li>
      ))}
    </ul>
  )
}
