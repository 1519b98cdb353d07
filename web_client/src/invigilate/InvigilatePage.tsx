import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, socketUrl, unwrap } from '@/api/client'
import { useKeys } from '@/ui/keys'
import { EmptyState, PageTitle } from '@/ui/Page'
import { useStore } from '@/ui/store'
import { HelpDialog } from './HelpDialog'
import classes from './Invigilate.module.css'
import { neighbour } from './model/attention'
import { LiveFeed, openSocket } from './model/live-feed'
import { WatchBoard } from './model/watch-board'
import { SittingList } from './SittingList'
import { WatchedSitting } from './WatchedSitting'

const REFRESH_MS = 30_000

function after(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms)
  return () => clearTimeout(timer)
}

function createBoard(): WatchBoard {
  return new WatchBoard({
    fetchSittings: () => unwrap(api.GET('/api/sittings', { params: { query: { state: 'all' } } })),
    fetchIncidents: (sitting_id) =>
      unwrap(api.GET('/api/sittings/{sitting_id}/incidents', { params: { path: { sitting_id } } })),
    now: () => Date.now(),
  })
}

/** The list of sittings, and beside it the one that was chosen. */
export function InvigilatePage({ sittingId }: { sittingId: string | null }) {
  const { t } = useTranslation(['invigilate', 'incidents', 'checks', 'playback'])
  const navigate = useNavigate()
  const [board] = useState(createBoard)
  const [marked, setMarked] = useState<string | null>(null)
  const [helping, setHelping] = useState(false)
  const snapshot = useStore(board)

  useEffect(() => {
    const feed = new LiveFeed({ open: (events) => openSocket(socketUrl('/api/live'), events), after }, board)
    feed.start()
    void board.refresh()
    // The feed carries every change; this heals what a lost message would leave wrong.
    const timer = setInterval(() => void board.refresh(), REFRESH_MS)
    return () => {
      clearInterval(timer)
      feed.stop()
    }
  }, [board])
  useEffect(() => void board.choose(sittingId), [board, sittingId])

  const open = (id: string | null) => {
    if (id === null) return
    setMarked(id)
    void navigate({ to: '/invigilate/$sittingId', params: { sittingId: id } })
  }
  const walk = (step: 1 | -1) => {
    const keys = snapshot.sittings.rows.map((row) => row.key)
    setMarked((current) => neighbour(keys, current ?? sittingId, step))
  }
  useKeys({
    '?': () => setHelping(true),
    g: () => open(snapshot.next?.sitting_id ?? null),
    o: () => board.settle(),
    ...(sittingId === null
      ? { j: () => walk(1), k: () => walk(-1), Enter: () => open(marked) }
      : { Escape: () => void navigate({ to: '/invigilate' }) }),
  })

  const chosen = sittingId === null ? undefined : snapshot.sittings.get(sittingId)
  return (
    <div className={classes.page} data-open={sittingId !== null}>
      <PageTitle quiet>{chosen ? `${chosen.candidate.name} · ${t('title')}` : t('title')}</PageTitle>
      <SittingList board={board} chosen={sittingId} marked={marked ?? sittingId} onHelp={() => setHelping(true)} />
      {sittingId === null ? (
        <div className={classes.blank}>
          <EmptyState title={t('choose.title')}>{t('choose.text')}</EmptyState>
        </div>
      ) : (
        <WatchedSitting key={sittingId} board={board} sittingId={sittingId} />
      )}
      {helping ? <HelpDialog onClose={() => setHelping(false)} /> : null}
    </div>
  )
}
