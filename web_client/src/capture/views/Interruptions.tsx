import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CircleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { meQuery } from '@/api/queries'
import type { SittingForCandidate } from '../contract'
import { requiredTracks } from '../equipment'
import type { Gear } from '../gear'
import { type Interruption, interruptionsOf, isOffline, wordsOf } from '../interruptions'
import { enterFullscreen } from '../sitting_flow'
import classes from './Exam.module.css'
import { useWatched } from './useWatched'

function useFullscreen(): boolean {
  const [full, setFull] = useState(document.fullscreenElement !== null)
  useEffect(() => {
    const look = () => setFull(document.fullscreenElement !== null)
    look()
    document.addEventListener('fullscreenchange', look)
    return () => document.removeEventListener('fullscreenchange', look)
  }, [])
  return full
}

/** A lost connection is told only when it lasts this long: most are over before anybody could read of them. */
const PATIENCE_MS = 1_500

function useLasting(present: boolean): boolean {
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLasting(present), present ? PATIENCE_MS : 0)
    return () => clearTimeout(timer)
  }, [present])
  return lasting && present
}

const ASK_EVERY_MS = 3_000

/** Whether a lasting break is one that only the person can mend: the log-in has ended. */
function useLoggedOut(offline: boolean): boolean {
  const me = useQuery({ ...meQuery, enabled: offline, refetchInterval: ASK_EVERY_MS, staleTime: 0 })
  return offline && me.data === null
}

/** What is not as it should be, each with what to do about it. */
export function Interruptions({ gear, sitting }: { gear: Gear; sitting: SittingForCandidate }) {
  const devices = useWatched(gear.devices.states)
  const publisher = useWatched(gear.publisher.state)
  const control = useWatched(gear.control.state)
  const recorded = useWatched(gear.recording)
  const full = useFullscreen()
  const wanted = requiredTracks(sitting)
  const fullscreenLeft = sitting.steps.fullscreen && !full
  const offline = useLasting(isOffline(publisher, control))
  const loggedOut = useLoggedOut(offline)
  const found = interruptionsOf({ wanted, devices, publisher, control, recorded, loggedOut, fullscreenLeft })
  return (
    <div aria-live="polite" className={classes.interruptions}>
      {found.map((interruption) =>
        interruption === 'offline' && !offline ? null : (
          <Notice key={interruption} interruption={interruption} gear={gear} opening={sitting.opening} />
        ),
      )}
    </div>
  )
}

interface NoticeProps {
  readonly interruption: Interruption
  readonly gear: Gear
  readonly opening: boolean
}

function Notice({ interruption, gear, opening }: NoticeProps) {
  const { t } = useTranslation('capture')
  const problem = useWatched(gear.deviceProblem)
  const own = problem !== null && problem.startsWith(interruption)
  return (
    <div className={classes.notice} data-interruption={interruption}>
      <CircleAlert size={18} aria-hidden className={classes.noticeIcon} />
      <div>
        <p className={classes.noticeTitle}>{t(`interruption.${interruption}_title`)}</p>
        <p>
          {wordsOf(interruption, opening)
            .map((key) => t(key))
            .join(' ')}
        </p>
        {own ? (
          <p>
            {t(`blocker.${problem}.title`)}. {t(`blocker.${problem}.remedy`)}
          </p>
        ) : null}
      </div>
      <NoticeAction interruption={interruption} gear={gear} />
    </div>
  )
}

function NoticeAction({ interruption, gear }: { interruption: Interruption; gear: Gear }) {
  const { t } = useTranslation('capture')
  switch (interruption) {
    case 'screen':
      return <Button onClick={() => void gear.reshareScreen()}>{t('equipment.share_screen')}</Button>
    case 'camera':
    case 'microphone':
      return <Button onClick={() => void gear.reopenCameraAndMicrophone()}>{t('interruption.turn_on')}</Button>
    case 'fullscreen':
      return (
        <Button variant="default" onClick={() => void enterFullscreen()}>
          {t('interruption.fullscreen_back')}
        </Button>
      )
    case 'logged_out':
      return (
        <Button component="a" href="/login" target="_blank">
          {t('interruption.logged_out_action')}
        </Button>
      )
    case 'refused':
      return <Button onClick={() => window.location.reload()}>{t('interruption.reload')}</Button>
    default:
      return null
  }
}
