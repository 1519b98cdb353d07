import { lazy, Suspense, useEffect, useState } from 'react'
import { Loading } from '@/ui/Page'
import { sittingApi } from '../http_api'
import { SittingFlow } from '../sitting_flow'
import { thisTab } from '../tab_identity'
import { ConsentStep } from './ConsentStep'
import { EquipmentStep } from './EquipmentStep'
import { ElsewhereStep, FinishedStep, OpeningStep, RefusedStep } from './SideSteps'
import { useWatched } from './useWatched'

const loadExam = () => import('./ExamStep')
const ExamStep = lazy(async () => ({ default: (await loadExam()).ExamStep }))
const loadPhotograph = () => import('./identity/PhotographStep')
const PhotographStep = lazy(async () => ({ default: (await loadPhotograph()).PhotographStep }))
const loadDocument = () => import('./identity/DocumentStep')
const DocumentStep = lazy(async () => ({ default: (await loadDocument()).DocumentStep }))
const loadReady = () => import('./identity/ReadyStep')
const ReadyStep = lazy(async () => ({ default: (await loadReady()).ReadyStep }))

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
  return (
    <Suspense fallback={<Loading />}>
      <Step flow={flow} />
    </Suspense>
  )
}

function Step({ flow }: { flow: SittingFlow }) {
  useWatched(flow.state)
  const { gear, step } = flow
  const isEquipping = gear !== null
  useEffect(() => {
    // Fetched while devices are tried out, so that the exam begins at once even if the network is poor by then.
    if (isEquipping) void Promise.all([loadPhotograph(), loadDocument(), loadReady(), loadExam()])
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
    case 'document':
      return gear === null ? null : <DocumentStep flow={flow} gear={gear} />
    case 'ready':
      return <ReadyStep flow={flow} />
    case 'exam':
      return gear === null ? null : <ExamStep flow={flow} gear={gear} />
  }
}
