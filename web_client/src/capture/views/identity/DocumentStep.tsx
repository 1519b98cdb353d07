import { Button } from '@mantine/core'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DocumentOutcome } from '../../contract'
import type { Gear } from '../../gear'
import type { SittingFlow } from '../../sitting_flow'
import { takeStill } from '../../still_picture'
import { CameraPicture } from '../CameraPicture'
import { StepPage } from '../StepPage'
import { useWatched } from '../useWatched'
import classes from './Document.module.css'

/** What is still wanted of the document; the first that is missing is asked for. */
function wantOf({ zone, portrait, same }: DocumentOutcome) {
  if (zone === 'missing') return 'zone_missing'
  if (zone === 'doubtful') return 'zone_doubtful'
  if (portrait === 'missing') return 'other_side_portrait'
  if (portrait === 'unusable') return 'portrait_unusable'
  return same === true ? 'two_sides' : 'portrait_different'
}

/** The document is held to the camera; what cannot be read or does not match never keeps anybody from going on. */
export function DocumentStep({ flow, gear }: { flow: SittingFlow; gear: Gear }) {
  const { t } = useTranslation('identity')
  const state = useWatched(flow.state)
  const video = useRef<HTMLVideoElement>(null)
  const [outcome, setOutcome] = useState<DocumentOutcome | null>(null)
  const [taking, setTaking] = useState(false)
  const [noPicture, setNoPicture] = useState(false)
  const track = gear.devices.track('camera')
  const reading = state.busy === 'read_document'
  const busy = taking || state.busy !== null
  const take = async () => {
    if (video.current === null) return
    setTaking(true)
    const picture = await takeStill(track, video.current)
    setTaking(false)
    setNoPicture(picture === null)
    if (picture !== null) setOutcome(await flow.readDocument(picture))
  }
  const want = outcome === null || outcome.clear ? null : wantOf(outcome)
  return (
    <StepPage
      state={state}
      title={t('document.title')}
      lead={t('document.lead')}
      time={t('document.time')}
      safe={t('document.safe')}
      action={
        <>
          <Button size="md" loading={taking || reading} disabled={busy} onClick={() => void take()}>
            {want === null ? t('document.take') : t('document.again')}
          </Button>
          <Button size="md" variant="default" disabled={busy} onClick={() => void flow.leaveDocument()}>
            {want === null ? t('document.leave') : t('document.go_on')}
          </Button>
          <p className={classes.hint}>{t('document.leave_hint')}</p>
        </>
      }
    >
      <figure className={classes.stage}>
        <CameraPicture track={track} label={t('document.preview')} className={classes.picture} video={video} />
        <svg className={classes.guide} viewBox="0 0 400 300" aria-hidden>
          <path
            className={classes.shade}
            fillRule="evenodd"
            d="M0 0H400V300H0Z M20 18H380Q388 18 388 26V274Q388 282 380 282H20Q12 282 12 274V26Q12 18 20 18Z"
          />
          <rect className={classes.frame} x="12" y="18" width="376" height="264" rx="8" />
          <path className={classes.lines} d="M26 236H374 M26 262H374" />
        </svg>
      </figure>
      <p role="status" className={classes.status}>
        {reading ? t('document.reading') : noPicture ? t('document.no_picture') : want === null ? '' : t(`want.${want}`)}
      </p>
    </StepPage>
  )
}
