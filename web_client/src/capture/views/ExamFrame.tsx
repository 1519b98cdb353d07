import { ExternalLink } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import classes from './Exam.module.css'

/** An exam that lives at an address of its own, inside the proctored page. */
export function ExamFrame({ url, title }: { url: string; title: string }) {
  const { t } = useTranslation('capture')
  return (
    <>
      <iframe
        className={classes.frame}
        src={url}
        title={t('exam.frame', { title })}
        allow="fullscreen"
        // oxlint-disable-next-line react/iframe-missing-sandbox -- an exam needs its scripts and its own log-in; it is another origin
        sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads"
        referrerPolicy="strict-origin-when-cross-origin"
      />
      <p className={classes.frameHint}>
        {t('exam.frame_hint')}{' '}
        <a href={url} target="_blank" rel="noreferrer">
          {t('exam.frame_open')} <ExternalLink size={14} aria-hidden />
        </a>
      </p>
    </>
  )
}
