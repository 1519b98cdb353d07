import { lazy, Suspense, useEffect, useState } from 'react'
import { Loading } from '@/ui/Page'
import { sittingApi } from '../http_api'
import { SittingFlow } from '../sitting_flow'
import { thisTab } from '../tab_identity'
import { ConsentStep } from './ConsentStep'
import { EquipmentStep } from './EquipmentStep'
import { PhotographStep } from './PhotographStep'
import { ReadyStep } from './ReadyStep'
import { ElsewhereStep, FinishedStep, OpeningStep, RefusedStep } from './SideSteps'
import { useWatched } from './useWatched'

const loadExam = () => import('./ExamStep')
const ExamStep = lazy(async () => ({ default: (await loadExam()).ExamStep }))

/** One sitting from consent to finish, in this tab. */
export function SittingPage({ sittingId }: { sittingId: string }) {
  const flow = useFlow(sittingId)
  return flow === null ? null : <Steps flow={flow} />
}

function useFlow(sittingId: string): SittingFlow | null {
  const [flow, setFlow] = useState<SittingFlow | null>(null)
  useEffect(() => {
    let current: SittingFlow | undefined
    let left = false
    const open = async () => {
      const clientId = await thisTab()
      if (left) return
      current = new SittingFlow({ api: sittingApi(sittingId, clientId), clientId })
      setFlow(current)
      await current.open()
    }
    void open()
    return () => {
      left = true
      current?.close()
    }
  }, [sittingId])
  return flow
}

function Steps({ flow }: { flow: SittingFlow }) {
  useWatched(flow.state)
  const { gear, step } = flow
  const isEquipping = gear !== null
  useEffect(() => {
    // Fetched while devices are tried out, so that the exam begins at once even if the network is poor by then.
    if (isEquipping) void loadExam()
  }, [isEquipping])
  switch (step) {
    case 'opening':
    case 'unreachable':
      return <OpeningStep flow={flow} />
    case 'elsewhere':
    case 'taken_over':
      return <ElsewhereStep flow={flow} lost={step === 'taken_over'} />
    case 'consent':
      return <ConsentStep flow={flow} />
    case 'refused':
      return <RefusedStep flow={flow} />
    case 'finished':
      return <FinishedStep flow={flow} />
    case 'equipment':
      return gear === null ? null : <EquipmentStep flow={flow} gear={gear} />
    case 'photograph':
      return gear === null ? null : <PhotographStep flow={flow} gear={gear} />
    case 'ready':
      return <ReadyStep flow={flow} />
    case 'exam':
      return gear === null ? null : (
        <Suspense fallback={<Loading />}>
          <ExamStep flow={flow} gear={gear} />
        </Suspense>
      )
  }
}
