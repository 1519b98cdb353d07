import { useTranslation } from 'react-i18next'
import type { Signal } from '@/api/types'
import { useLanguage } from '@/i18n'
import { duration, number, percent } from '@/i18n/format'
import { pick } from '@/i18n/language'
import { groupSignals } from './model/signal-groups'
import classes from './SignalReasons.module.css'

const UNITS = ['deg', 's', 'dB', 'dBFS'] as const

/** A measured value with its unit; a unit without words is written as the rule names it. */
function useMeasured(): (value: number, unit: string) => string {
  const { t } = useTranslation('incidents')
  const language = useLanguage()
  return (value, unit) => {
    const text = number(value, language)
    const known = UNITS.find((name) => name === unit)
    return known ? t(`unit.${known}`, { value: text }) : `${text} ${unit}`.trim()
  }
}

function useInterval(): (signal: Signal) => string {
  const { t } = useTranslation('incidents')
  return ({ start_ms, end_ms }) => `${duration(start_ms)}–${end_ms === null ? t('ongoing') : duration(end_ms)}`
}

function SignalReason({ signal }: { signal: Signal }) {
  const { t } = useTranslation('incidents')
  const language = useLanguage()
  const measured = useMeasured()
  const { crossing, model, text, error_rate: rate } = signal.why
  const facts = [
    { term: t('measured'), value: measured(crossing.value, crossing.unit), hint: t('measures', { measure: crossing.measure }) },
    { term: t('threshold'), value: measured(crossing.threshold, crossing.unit) },
    { term: t('dwell'), value: measured(crossing.dwell_ms / 1000, 's') },
    { term: t('confidence'), value: percent(signal.confidence, language) },
    { term: t('detector'), value: signal.detector, code: true },
    ...(model === null ? [] : [{ term: t('model'), value: model, code: true }]),
  ]
  return (
    <>
      <p>{pick(text, language)}</p>
      <dl className={classes.facts}>
        {facts.map((fact) => (
          <div key={fact.term} title={fact.hint}>
            <dt>{fact.term}</dt>
            <dd className={fact.code ? classes.code : 'numeric'}>{fact.value}</dd>
          </div>
        ))}
      </dl>
      {rate ? (
        <p className={classes.rate}>
          {pick(rate.text, language)}
          {rate.figures === null ? null : ` ${t('rate_source', { data: rate.figures.data, date: rate.figures.date })}`}
        </p>
      ) : null}
    </>
  )
}

function Repeated({ signals }: { signals: readonly Signal[] }) {
  const { t } = useTranslation('incidents')
  const interval = useInterval()
  return (
    <details className={classes.again}>
      <summary>{t('again', { count: signals.length, times: signals.map(interval).join(', ') })}</summary>
      <ul>
        {signals.map((signal) => (
          <li key={signal.signal_id}>
            <p className={classes.when}>{interval(signal)}</p>
            <SignalReason signal={signal} />
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Why something was noticed: each rule's sentence, what it measured, and which version of what measured it. */
export function SignalReasons({ signals }: { signals: readonly Signal[] }) {
  const { t } = useTranslation('ui')
  const interval = useInterval()
  return (
    <ul className={classes.signals}>
      {groupSignals(signals).map(({ first, again }) => (
        <li key={first.signal_id} className={classes.signal}>
          <p className={classes.kind}>
            {t(`kind.${first.kind}`)} <span className={classes.when}>{interval(first)}</span>
          </p>
          <SignalReason signal={first} />
          {again.length > 0 ? <Repeated signals={again} /> : null}
        </li>
      ))}
    </ul>
  )
}
