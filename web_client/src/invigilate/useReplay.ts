import { useState } from 'react'
import { queryClient } from '@/api/queries'
import type { Recording } from '@/api/types'
import { SyncedPlayback } from '@/playback/model/synced-playback'
import { recordingQuery } from '@/playback/useRecording'

interface Replay {
  readonly recording: Recording
  readonly playback: SyncedPlayback
  readonly fromMs: number
}

/** Shows the recording in the place of the live pictures; asks for a longer one when what is held ends too early. */
export function useReplay(sittingId: string) {
  const [current, setCurrent] = useState<Replay | null>(null)
  const [failure, setFailure] = useState<unknown>(null)

  const show = async (fromMs: number) => {
    setFailure(null)
    const needed = fromMs + 10_000
    if (current && (!current.recording.running || current.recording.duration_ms >= needed)) {
      current.playback.playFrom(fromMs)
      setCurrent({ ...current, fromMs })
      return
    }
    try {
      const recording = await queryClient.fetchQuery({ ...recordingQuery(sittingId), staleTime: 0 })
      current?.playback.pause()
      const playback = new SyncedPlayback(recording.duration_ms, fromMs)
      playback.play()
      setCurrent({ recording, playback, fromMs })
    } catch (error) {
      setFailure(error)
    }
  }

  const leave = () => {
    current?.playback.pause()
    setCurrent(null)
    setFailure(null)
  }

  return { current, failure, show, leave }
}
