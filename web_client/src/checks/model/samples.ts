import type { Check, GazeCalibrationFound, RoomScanFound } from '@/api/types'

/** Sample records for the tests of this folder. */
export function sampleCheck(change: Partial<Check> = {}): Check {
  return {
    check_id: 'c1',
    check: 'room_scan',
    state: 'ended',
    asked_at: '2026-05-04T09:00:00Z',
    by_policy: true,
    asked_by: null,
    track: 'camera',
    outcome: 'incomplete',
    start_ms: 60_000,
    end_ms: 90_000,
    result: null,
    picture_url: null,
    ...change,
  }
}

export function sampleRoom(change: Partial<RoomScanFound> = {}): RoomScanFound {
  return {
    check: 'room_scan',
    coverage_deg: 214,
    least_deg: 183,
    required_deg: 345,
    is_complete: false,
    is_closed: false,
    cannot_tell: null,
    missed: [{ from_deg: 200, to_deg: 340, side: 'left' }],
    untold: [],
    view_deg: 62,
    people: [],
    objects: [],
    pictures: 120,
    model: 'roomscan@1',
    ...change,
  }
}

export function sampleGaze(): GazeCalibrationFound {
  return {
    check: 'gaze_calibration',
    left_deg: 12.5,
    right_deg: 11,
    left_edge_deg: 9.5,
    right_edge_deg: 8,
    wander_deg: 0.8,
    cannot_tell: null,
    dots: [],
    model: 'faces@1',
  }
}
