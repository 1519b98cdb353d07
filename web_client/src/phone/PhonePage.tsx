import { Button } from '@mantine/core'
import { CircleAlert, Info } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CameraPicture } from '@/capture/views/CameraPicture'
import { useWatched } from '@/capture/views/useWatched'
import { useLanguage } from '@/i18n'
import { pick } from '@/i18n/language'
import { PageTitle } from '@/ui/Page'
import { ProblemNotice } from '@/ui/ProblemNotice'
import { phoneApi } from './api'
import { CheckPart } from './CheckPart'
import { passOf, secretOf } from './kept_pass'
import classes from './Phone.module.css'
import { PhoneCamera, type PhoneCameraState } from './phone_camera'
import { stayAwake } from './wake'

function newCamera(): PhoneCamera {
  const pass = passOf(window.location.hash, localStorage)
  return new PhoneCamera({
    api: phoneApi,
    pass,
    storage: localStorage,
    // Typed as always there, and missing on pages without a certificate.
    media: navigator.mediaDevices as MediaDevices | undefined,
    events: window,
    awake: () => stayAwake(navigator, document),
  })
}

/** The telephone as a second camera; it has no log-in, the scanned code opens it. */
export function PhonePage() {
  const { t } = useTranslation('phone')
  const [camera] = useState(newCamera)
  const state = useWatched(camera.state)
  useEffect(() => {
    // The secret stays neither in the address bar nor in the history.
    window.history.replaceState(window.history.state, '', window.location.pathname)
    void camera.look()
    // Another code, opened in this tab, is another address of the same page to the browser.
    const begin = (): void => {
      if (secretOf(window.location.hash) !== null) window.location.reload()
    }
    window.addEventListener('hashchange', begin)
    return () => {
      window.removeEventListener('hashchange', begin)
      camera.close()
    }
  }, [camera])
  return (
    <div className={classes.page}>
      <PageTitle>{t('title')}</PageTitle>
      <Body camera={camera} state={state} />
    </div>
  )
}

function Body({ camera, state }: { camera: PhoneCamera; state: PhoneCameraState }) {
  const { t } = useTranslation('phone')
  const language = useLanguage()
  const { stage, door } = state
  if (stage === 'uninvited' || stage === 'refused' || stage === 'over') return <Word name={stage} />
  if (door === null) {
    return state.problem === null ? (
      <p role="status">{t('state.looking')}</p>
    ) : (
      <ProblemNotice error={state.problem} onRetry={() => void camera.look()} />
    )
  }
  const exam = <p className={classes.exam}>{t('exam', { title: pick(door.exam_title, language) })}</p>
  if (stage === 'sending') {
    return (
      <>
        {exam}
        <Sending camera={camera} state={state} />
      </>
    )
  }
  return (
    <>
      {exam}
      <ul className={classes.about}>
        <li>{t('about.what')}</li>
        <li>{t('about.who')}</li>
        <li>{t('about.end')}</li>
      </ul>
      <Blocked blocker={state.blocker} />
      {state.blocker === 'insecure_context' ? null : (
        <Button size="lg" fullWidth loading={stage === 'asking'} onClick={() => void camera.start()}>
          {t('start')}
        </Button>
      )}
      {stage === 'asking' ? <p role="status">{t('state.asking')}</p> : null}
    </>
  )
}

function Sending({ camera, state }: { camera: PhoneCamera; state: PhoneCameraState }) {
  const { t } = useTranslation('phone')
  const { connected, status } = state
  const word = connected !== true ? 'connecting' : status?.receiving === true ? 'arriving' : 'not_arriving'
  return (
    <>
      <CameraPicture track={state.track} label={t('picture')} className={classes.picture} />
      <p className={classes.state} role="status" data-state={word}>
        <span className={classes.dot} data-on={word === 'arriving'} aria-hidden />
        {t(`state.${word}`)}
      </p>
      <CheckPart status={status} paced={state.paced} />
      <p className={classes.note}>{t('state.stay')}</p>
      <Button size="lg" fullWidth variant="default" onClick={() => void camera.stop()}>
        {t('stop')}
      </Button>
    </>
  )
}

const WORDS = {
  uninvited: ['uninvited.title', 'uninvited.remedy'],
  refused: ['refused.title', 'refused.remedy'],
  over: ['over.title', 'over.remedy'],
} as const

function Word({ name }: { name: keyof typeof WORDS }) {
  const { t } = useTranslation('phone')
  const [title, remedy] = WORDS[name]
  return (
    <div className={classes.word} role="status">
      <Info size={20} aria-hidden />
      <div>
        <p className={classes.wordTitle}>{t(title)}</p>
        <p>{t(remedy)}</p>
      </div>
    </div>
  )
}

const CAMERA_BLOCKERS = [
  'camera_refused',
  'camera_refused_by_system',
  'camera_missing',
  'camera_busy',
  'camera_unsuitable',
  'camera_failed',
] as const

function Blocked({ blocker }: { blocker: PhoneCameraState['blocker'] }) {
  const { t } = useTranslation('phone')
  if (blocker === null) return null
  const known = CAMERA_BLOCKERS.find((name) => name === blocker) ?? 'camera_failed'
  const isInsecure = blocker === 'insecure_context'
  return (
    <div className={classes.blocked} role="alert">
      <CircleAlert size={20} aria-hidden />
      <div>
        <p className={classes.wordTitle}>{isInsecure ? t('insecure.title') : t(`blocker.${known}.title`)}</p>
        <p>{isInsecure ? t('insecure.remedy') : t(`blocker.${known}.remedy`)}</p>
      </div>
    </div>
  )
}
