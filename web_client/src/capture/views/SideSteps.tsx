import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Instant } from '@/ui/Time'
import type { SittingFlow } from '../sitting_flow'
import { StepPage } from './StepPage'
import classes from './Steps.module.css'
import { useWatched } from './useWatched'

function BackToList() {
  const { t } = useTranslation('capture')
  return <Link to="/sit">{t('back')}</Link>
}

/** The sitting is being opened, or could not be. */
export function OpeningStep({ flow }: { flow: SittingFlow }) {
  const { t } = useTranslation('capture')
  const state = useWatched(flow.state)
  if (state.problem === null) {
    return (
      <p className={classes.page} role="status">
        {t('opening')}
      </p>
    )
  }
  return (
    <StepPage
      state={state}
      title={t('unreachable.title')}
      safe={t('unreachable.safe')}
      onRetry={() => void flow.retry()}
      action={<BackToList />}
    />
  )
}

/** Another tab has the sitting, from the beginning or since a moment ago. */
export function ElsewhereStep({ flow, lost }: { flow: SittingFlow; lost: boolean }) {
  const { t } = useTranslation('capture')
  const state = useWatched(flow.state)
  return (
    <StepPage
      state={state}
      title={lost ? t('taken_over.title') : t('elsewhere.title')}
      lead={lost ? t('taken_over.text') : t('elsewhere.text')}
      action={
        <>
          <Button size="md" loading={state.busy === 'take_over'} onClick={() => void flow.takeOver()}>
            {t('elsewhere.here')}
          </Button>
          <BackToList />
        </>
      }
    >
      <p>{lost ? t('taken_over.not_you') : t('elsewhere.choice')}</p>
    </StepPage>
  )
}

export function RefusedStep({ flow }: { flow: SittingFlow }) {
  const { t } = useTranslation('capture')
  const state = useWatched(flow.state)
  return (
    <StepPage state={state} title={t('refused.title')} lead={t('refused.text')} action={<BackToList />}>
      <p>{t('refused.next')}</p>
    </StepPage>
  )
}

export function FinishedStep({ flow }: { flow: SittingFlow }) {
  const { t } = useTranslation('capture')
  const state = useWatched(flow.state)
  const finishedAt = state.sitting?.finished_at
  return (
    <StepPage state={state} title={t('finished.title')} safe={t('finished.safe')} action={<BackToList />}>
      {finishedAt == null ? null : (
        <p>
          {t('finished.at')}: <Instant at={finishedAt} />
        </p>
      )}
      <section className={classes.sheet}>
        <h2>{t('finished.next_title')}</h2>
        <ul className={classes.points}>
          <li>{t('finished.next_review')}</li>
          <li>{t('finished.next_result')}</li>
          <li>{t('finished.next_appeal')}</li>
        </ul>
      </section>
      <p className={classes.hint}>{t('finished.close')}</p>
    </StepPage>
  )
}
