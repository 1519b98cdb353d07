import { useTranslation } from 'react-i18next'
import type { CheckView } from '../../contract'

interface CheckWords {
  readonly name: string
  readonly title: string
  readonly pointer: string
}

/** What a check is called. The calibration's words are fetched apart: few exams offer it. */
export function useCheckWords(check: CheckView['check']): CheckWords {
  const { t } = useTranslation(['capture', 'gaze'])
  if (check === 'gaze_calibration') return { name: t('gaze:name'), title: t('gaze:title'), pointer: t('gaze:pointer') }
  return {
    name: t(`guided.${check}.name`),
    title: t(`guided.${check}.title`),
    pointer: t(`guided.${check}.pointer`),
  }
}
