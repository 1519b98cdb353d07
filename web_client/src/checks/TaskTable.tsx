import { useTranslation } from 'react-i18next'
import type { TaskFound } from '@/api/types'
import { useLanguage } from '@/i18n'
import { duration, number, percent } from '@/i18n/format'
import classes from './Check.module.css'

/** Below it nothing was turned; eyes are measured more finely, and a dot is less far away. */
const STILL_DEG = { turn: 5, dot: 4 } as const

/** What was measured of a task, in words: degrees of a turn or a look, the change of colour on the face. */
function useMeasured(): (task: TaskFound) => string {
  const { t } = useTranslation('checks')
  const language = useLanguage()
  return ({ kind, measured }) => {
    if (measured === null) return t('task.not_measured')
    if (kind.startsWith('flash_')) return t('task.colour', { share: percent(measured, language) })
    const deg = number(Math.abs(measured), language, 0)
    if (Math.abs(measured) < STILL_DEG[kind.startsWith('dot_') ? 'dot' : 'turn']) return t('task.still', { deg })
    return measured < 0 ? t('task.other_way', { deg }) : t('task.turned', { deg })
  }
}

/** Each task of a head-turn check: what was asked, what was measured, and how the two compare. */
export function TaskTable({ tasks, onPlay }: { tasks: readonly TaskFound[]; onPlay: (ms: number) => void }) {
  const { t } = useTranslation('checks')
  const measured = useMeasured()
  return (
    <>
      <table className={classes.tasks}>
        <thead>
          <tr>
            <th scope="col">{t('task.asked')}</th>
            <th scope="col">{t('task.measured')}</th>
            <th scope="col">{t('task.outcome')}</th>
            <th scope="col">{t('task.time')}</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => {
            const asked = t(`task.kind.${task.kind}`)
            const at = duration(task.start_ms)
            return (
              <tr key={task.start_ms}>
                <th scope="row">{asked}</th>
                <td>{measured(task)}</td>
                <td>{t(`task.result.${task.outcome}`)}</td>
                <td>
                  <button
                    type="button"
                    className={classes.time}
                    aria-label={t('met.play', { what: asked, at })}
                    onClick={() => onPlay(task.start_ms)}
                  >
                    {at}
                  </button>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <p className={classes.quiet}>{t('task.note')}</p>
    </>
  )
}
