import i18next from 'i18next'
import { Suspense } from 'react'
import type { SittingForCandidate } from '../../contract'
import { stageOf } from '../../checks'
import type { Gear } from '../../gear'
import { useWatched } from '../useWatched'
import { ChallengeStage } from './ChallengeStage'
import { CheckAsked } from './CheckAsked'
import { CheckEnded } from './CheckEnded'
import { GazeStage } from './GazeStage'
import { RoomScanStage } from './RoomScanStage'

// Fetched as soon as the exam's page is, which is before a check is asked for and the network perhaps poor.
void i18next.loadNamespaces(['challenge', 'gaze'])

/** Everything about guided checks: how the last one ended, the one that is asked for, and the one that runs. */
export function GuidedPart({ gear, sitting }: { gear: Gear; sitting: SittingForCandidate }) {
  const state = useWatched(gear.checks.state)
  const stage = stageOf(state)
  const isSeated = stage !== 'none' && stage !== 'asked' && stage !== 'room_scan'
  const SeatedStage = state.open?.check === 'gaze_calibration' ? GazeStage : ChallengeStage
  return (
    <>
      <div aria-live="polite">
        {state.ended === null ? null : (
          <Suspense fallback={null}>
            <CheckEnded key={state.ended.check_id} ended={state.ended} gear={gear} />
          </Suspense>
        )}
        {state.open === null ? null : (
          <Suspense fallback={null}>
            <CheckAsked key={state.open.check_id} open={state.open} state={state} gear={gear} sitting={sitting} />
          </Suspense>
        )}
      </div>
      {stage === 'room_scan' ? <RoomScanStage gear={gear} sitting={sitting} state={state} /> : null}
      {isSeated ? (
        <Suspense fallback={null}>
          <SeatedStage gear={gear} sitting={sitting} state={state} />
        </Suspense>
      ) : null}
    </>
  )
}
