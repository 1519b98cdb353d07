import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Gear } from '../../gear'
import { takePhotograph } from '../../photograph'
import type { SittingFlow } from '../../sitting_flow'
import { CameraPicture } from '../CameraPicture'
import { StepPage } from '../StepPage'
import { useWatched } from '../useWatched'
import classes from './Photograph.module.css'

/** One click takes the photograph and sends it; the server says at once whether it will do. */
export function PhotographStep({ flow, gear }: { flow: SittingFlow; gear: Gear }) {
  const { t } = useTranslation(['identity', 'capture'])
  const state = useWatched(flow.state)
  const video = useRef<HTMLVideoElement>(null)
  const [taken, setTaken] = useState<string | null>(null)
  const [noPicture, setNoPicture] = useState(false)
  const busy = state.busy === 'enrol'
  const { adding } = state
  useEffect(() => () => URL.revokeObjectURL(taken ?? ''), [taken])
  const take = async () => {
    const picture = video.current === null ? null : await takePhotograph(video.current)
    setNoPicture(picture === null)
    if (picture === null) return
    setTaken(URL.createObjectURL(picture))
    await flow.enrol(picture)
    setTaken(null)
  }
  const first = adding ? t('add.take') : t('photograph.take')
  return (
    <StepPage
      state={state}
      title={adding ? t('add.title') : t('photograph.title')}
      lead={adding ? t('add.lead') : t('photograph.lead')}
      time={t('photograph.time')}
      safe={t('photograph.safe')}
      action={
        <>
          <Button size="md" loading={busy} onClick={() => void take()}>
            {state.problem === null ? first : t('photograph.again')}
          </Button>
          {adding ? (
            <Button size="md" variant="default" disabled={busy} onClick={() => flow.addPhotograph(false)}>
              {t('add.back')}
            </Button>
          ) : null}
        </>
      }
    >
      <figure className={classes.stage}>
        <CameraPicture
          track={gear.devices.track('camera')}
          label={t('capture:photograph.preview')}
          className={classes.picture}
          video={video}
        />
        {taken === null ? (
          <svg className={classes.guide} viewBox="0 0 400 300" aria-hidden>
            <path
              className={classes.shade}
              fillRule="evenodd"
              d="M0 0H400V300H0Z M200 34C252 34 284 80 284 146C284 212 248 264 200 264C152 264 116 212 116 146C116 80 148 34 200 34Z"
            />
            <ellipse className={classes.oval} cx="200" cy="149" rx="84" ry="115" />
          </svg>
        ) : (
          <img className={classes.taken} src={taken} alt={t('photograph.taken')} />
        )}
      </figure>
      <p role="status" className={classes.status}>
        {busy ? t('photograph.looking') : noPicture ? t('photograph.no_picture') : ''}
      </p>
    </StepPage>
  )
}
