import { useTranslation } from 'react-i18next'
import { type Problem, problemOf } from '@/api/problem'

export interface ProblemWords {
  readonly title: string
  readonly remedy: string
}

/** Turns anything thrown into words of the chosen language: what happened and what to do now. */
export function useProblemWords(): (error: unknown) => ProblemWords {
  const { t, i18n } = useTranslation('i18n')
  return (error) => {
    const problem: Problem = problemOf(error)
    const known = i18n.exists(`i18n:problem.${problem.code}.title`)
    const code = (known ? problem.code : 'unknown') as 'unknown'
    return {
      title: t(`problem.${code}.title`, { code: problem.code }),
      remedy: t(`problem.${code}.remedy`, { code: problem.code }),
    }
  }
}
