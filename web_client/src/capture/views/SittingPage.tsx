import { useEffect, useState } from 'react'
import { sittingApi } from '../http_api'
import { SittingFlow } from '../sitting_flow'
import { thisTab } from '../tab_identity'
import { ConsentStep } from './ConsentStep'
import { EquipmentStep } from './EquipmentStep'
import { ExamStep } from './ExamStep'
import { PhotographStep } from './PhotographStep'
import { ReadyStep } from './ReadyStep'
import { ElsewhereStep, FinishedStep, OpeningStep, RefusedStep } from './SideSteps'
import { useWatched } from './useWatched'

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
      return gear === null ? null : <ExamStep flow={flow} gear={gear} />
  }
}
