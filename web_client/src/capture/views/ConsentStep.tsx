import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLanguage } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import type { SittingFlow } from '../sitting_flow'
import { StepPage } from './StepPage'
import classes from './Steps.module.css'
import { useWatched } from './useWatched'

/** The consent text in the language of the page; refusing is explained before it is final. */
export function ConsentStep({ flow }: { flow: SittingFlow }) {
  const { t } = useTranslation('capture')
  const language = useLanguage()
  const state = useWatched(flow.state)
  const consent = useWatched(flow.consent)
  const [refusing, setRefusing] = useState(false)
  if (consent === null) {
    return <StepPage state={state} title={t('consent.loading')} onRetry={() => void flow.open()} />
  }
  const text = consent.texts[language]
  return (
    <StepPage
      state={state}
      title={text.title}
      time={t('consent.time')}
      safe={t('consent.safe')}
      action={
        <>
          <Button size="md" loading={state.busy === 'accept'} onClick={() => void flow.accept(language)}>
            {text.accept}
          </Button>
          <Button size="md" variant="default" onClick={() => setRefusing(true)}>
            {text.refuse}
          </Button>
        </>
      }
    >
      <div className={classes.sheet}>
        {text.paragraphs.map((paragraph) => (
          <p key={paragraph}>{paragraph}</p>
        ))}
        <ul className={classes.points}>
          {text.points.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
        <p className={classes.hint}>{t('consent.version', { version: consent.version })}</p>
      </div>
      {refusing ? (
        <Dialog title={t('consent.refuse_title')} onClose={() => setRefusing(false)}>
          <div className={classes.paragraphs}>
            <p>{t('consent.refuse_text')}</p>
            <p>{t('consent.refuse_final')}</p>
          </div>
          <div className={classes.action}>
            <Button
              loading={state.busy === 'refuse'}
              onClick={() => void flow.refuse(language).finally(() => setRefusing(false))}
            >
              {t('consent.refuse_confirm')}
            </Button>
            <Button variant="default" onClick={() => setRefusing(false)}>
              {t('consent.refuse_back')}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </StepPage>
  )
}
