import type { Check } from '@/api/types'
import { GazeFound } from './GazeFound'
import { gazeOf, roomOf, tasksOf } from './model/check'
import { RoomFound } from './RoomFound'
import { TaskTable } from './TaskTable'

interface FindingsProps {
  readonly check: Check
  readonly onPlay: (ms: number) => void
}

/** What a check found: a room's directions, each task of a challenge, or where the own screen ends. */
export function Findings({ check, onPlay }: FindingsProps) {
  const room = roomOf(check)
  const tasks = tasksOf(check)
  const gaze = gazeOf(check)
  return (
    <>
      {room === null ? null : <RoomFound found={room} pictureUrl={check.picture_url} onPlay={onPlay} />}
      {tasks === null || tasks.length === 0 ? null : <TaskTable tasks={tasks} onPlay={onPlay} />}
      {gaze === null ? null : <GazeFound found={gaze} />}
    </>
  )
}
