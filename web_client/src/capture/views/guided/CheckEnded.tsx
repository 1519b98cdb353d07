import { Button } from '@mantine/core'
import { CircleCheck, Info } from 'lucide-react'
import { type TFunction } from 'i18next'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { EndedCheck } from '../../checks'
import type { RoomScanFound } from '../../contract'
import type { Gear } from '../../gear'
import { useWatched } from '../useWatched'
import classes from './Guided.module.css'
import { useCheckWords } from './useCheckWords'

/** How a check ended, in plain words; what follows from it a person says, not the program. */
export function CheckEnded({ ended, gear }: { ended: EndedCheck; gear: Gear }) {
  const { t } = useTranslation('capture')
  const phoneJoined = useWatched(gear.checks.phoneJoined)
  const heading = useRef<HTMLHeadingElement>(null)
  const { check, outcome, result } = ended
  const words = useCheckWords(check)
  const told = useTold(ended)
  const done = outcome === 'complete' || outcome === 'passed' || outcome === 'measured'
  const Icon = done ? CircleCheck : Info
  useEffect(() => {
    // Only where the running check had the focus: somebody who writes an answer keeps it.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <section className={classes.ended} data-outcome={outcome ?? 'unknown'}>
      <Icon size={18} aria-hidden className={done ? classes.good : classes.icon} />
      <div>
        <h2 ref={heading} tabIndex={-1}>
          {words.name}: {told.outcome}
        </h2>
        {result?.check === 'room_scan' ? <RoomFound found={result} /> : null}
        <p>{told.after}</p>
      </div>
      <div className={classes.endedActions}>
        {phoneJoined ? (
          <Button variant="default" onClick={() => void gear.checks.sendPhoneAway()}>
            {t('guided.phone.send_away')}
          </Button>
        ) : null}
        <Button variant="default" onClick={() => gear.checks.read()}>
          {t('message.understood')}
        </Button>
      </div>
    </section>
  )
}

/** What ended a check, and what follows. A calibration is nobody's duty, so nothing ever follows from one. */
function useTold({ check, outcome }: EndedCheck): { readonly outcome: string; readonly after: string } {
  const { t } = useTranslation(['capture', 'gaze'])
  if (outcome === 'measured') return { outcome: t('gaze:ended.measured'), after: t('gaze:after.measured') }
  if (outcome === 'left_out') return { outcome: t('gaze:ended.left_out'), after: t('gaze:after.usual') }
  if (check === 'gaze_calibration' && outcome === 'cannot_tell')
    return { outcome: t('gaze:ended.cannot_tell'), after: t('gaze:after.usual') }
  const after = check === 'gaze_calibration' && outcome !== 'interrupted' ? 'nothing' : afterwards(outcome)
  return { outcome: t(`guided.outcome.${outcome ?? 'unknown'}`), after: t(`guided.after.${after}`) }
}

function afterwards(outcome: EndedCheck['outcome']): 'nothing' | 'person' | 'anew' {
  switch (outcome) {
    case 'complete':
    case 'passed':
    case 'withdrawn':
      return 'nothing'
    case 'interrupted':
      return 'anew'
    default:
      return 'person'
  }
}

/** Labels of things, as the server names them, that have words here. */
const THINGS = ['cell phone', 'book', 'laptop', 'tv'] as const

function thingsOf(found: RoomScanFound, t: TFunction<'capture'>): string {
  const labels = new Set(found.objects.map(({ label }) => label))
  return THINGS.filter((thing) => labels.has(thing))
    .map((thing) => t(`guided.thing.${thing}`))
    .join(', ')
}

function RoomFound({ found }: { found: RoomScanFound }) {
  const { t } = useTranslation('capture')
  const sides = [...new Set(found.missed.map(({ side }) => side))]
  const things = thingsOf(found, t)
  return (
    <>
      <p>
        {t('guided.shown_of', { degrees: Math.round(found.coverage_deg), required: Math.round(found.required_deg) })}{' '}
        {found.is_complete || sides.length === 0
          ? ''
          : t('guided.missing', { sides: sides.map((side) => t(`guided.side.${side}`)).join(', ') })}
      </p>
      {found.cannot_tell === null ? null : <p>{t(`guided.untold.${found.cannot_tell}`)}</p>}
      {found.people.length === 0 ? null : <p>{t('guided.people', { number: found.people.length })}</p>}
      {things === '' ? null : <p>{t('guided.things', { things })}</p>}
    </>
  )
}
