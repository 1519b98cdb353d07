import type { Check } from '@/api/types'
import { roomOf, tasksOf } from './model/check'
import { RoomFound } from './RoomFound'
import { TaskTable } from './TaskTable'

interface FindingsProps {
  readonly check: Check
  readonly onPlay: (ms: number) => void
}

/** What a check found: a room's directions, or each task of a challenge. */
export function Findings({ check, onPlay }: FindingsProps) {
  const room = roomOf(check)
  const tasks = tasksOf(check)
  return (
    <>
      {room === null ? null : <RoomFound found={room} pictureUrl={check.picture_url} onPlay={onPlay} />}
      {tasks === null || tasks.length === 0 ? null : <TaskTable tasks={tasks} onPlay={onPlay} />}
    </>
  )
}
