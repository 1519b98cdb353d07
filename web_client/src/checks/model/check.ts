import type { Check, GazeCalibrationFound, MetOnTheWay, RoomScanFound, TaskFound } from '@/api/types'

/** What a room recording showed; null for other checks and where nothing was judged. */
export function roomOf({ result }: Pick<Check, 'result'>): RoomScanFound | null {
  return result?.check === 'room_scan' ? result : null
}

/** How each task of a head-turn check went; null for other checks and where nothing was judged. */
export function tasksOf({ result }: Pick<Check, 'result'>): readonly TaskFound[] | null {
  return result?.check === 'challenge' ? result.tasks : null
}

/** What a gaze calibration gave; null for other checks and where nothing was judged. */
export function gazeOf({ result }: Pick<Check, 'result'>): GazeCalibrationFound | null {
  return result?.check === 'gaze_calibration' ? result : null
}

function byDirection(a: MetOnTheWay, b: MetOnTheWay): number {
  return (a.yaw_deg ?? 360) - (b.yaw_deg ?? 360)
}

/** People first, then things, each in the order of the turn; what has no direction comes last. */
export function metIn(found: RoomScanFound): MetOnTheWay[] {
  return [...found.people.toSorted(byDirection), ...found.objects.toSorted(byDirection)]
}

/** A point on a circle around the origin; directions grow to the right from the top. */
export function pointAt(direction_deg: number, radius: number): { readonly x: number; readonly y: number } {
  const angle = (direction_deg * Math.PI) / 180
  return { x: radius * Math.sin(angle), y: -radius * Math.cos(angle) }
}

/** An SVG path along the circle from one direction to the right up to another; all round where they are the same. */
export function arcPath(from_deg: number, to_deg: number, radius: number): string {
  const width = (((to_deg - from_deg) % 360) + 360) % 360 || 360
  const at = (turn: number) => {
    const { x, y } = pointAt(from_deg + turn, radius)
    return `${x.toFixed(2)} ${y.toFixed(2)}`
  }
  // An arc whose ends meet would not be drawn, so every arc is drawn in two halves.
  const half = `A ${radius} ${radius} 0 0 1`
  return `M ${at(0)} ${half} ${at(width / 2)} ${half} ${at(width)}`
}
