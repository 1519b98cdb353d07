import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CheckName } from '../contract'
import type { DeviceChoice } from '../capture_devices'
import type { CheckStates, EquipmentCheck } from '../equipment'
import type { Gear } from '../gear'
import type { SittingFlow } from '../sitting_flow'
import { CheckRow } from './CheckRow'
import { DeviceSelects } from './DeviceSelects'
import checks from './Equipment.module.css'
import { StepPage } from './StepPage'
import classes from './Steps.module.css'
import { useWatched } from './useWatched'

/** What the one button of the step does now. */
type Stage = 'browser' | 'devices' | 'screen' | 'connection' | 'report'

function stageOf(states: CheckStates, needed: readonly CheckName[]): Stage {
  const open = (check: CheckName): boolean => needed.includes(check) && states[check].state !== 'ok'
  if (open('browser')) return 'browser'
  if (open('camera') || open('microphone')) return 'devices'
  if (open('screen')) return 'screen'
  return open('network') || open('codec') ? 'connection' : 'report'
}

/** Checks run one after another; the page always offers the next one, and says what stands in its way. */
export function EquipmentStep({ flow, gear }: { flow: SittingFlow; gear: Gear }) {
  const { t } = useTranslation('capture')
  const { equipment } = gear
  const state = useWatched(flow.state)
  const states = useWatched(equipment.states)
  const [choice, setChoice] = useState<DeviceChoice>({})
  const stage = stageOf(states, equipment.needed)
  const resumed = state.sitting?.state === 'checked' || state.sitting?.state === 'enrolled'
  useFirstLook(equipment)
  useConnectionCheck(equipment, stage, states)
  const running = equipment.needed.some((check) => states[check].state === 'running')
  return (
    <StepPage
      state={state}
      title={t('equipment.title')}
      lead={resumed ? t('equipment.again') : t('equipment.lead')}
      time={t('equipment.time')}
      safe={t('equipment.safe')}
      action={<NextCheck flow={flow} gear={gear} stage={stage} running={running} choice={choice} />}
    >
      <ul className={checks.list} aria-label={t('equipment.list')} aria-live="polite">
        {equipment.needed.map((check) => (
          <CheckRow key={check} check={check} state={states[check]} gear={gear} />
        ))}
      </ul>
      {states.camera.state === 'waiting' && states.microphone.state === 'waiting' ? null : (
        <DeviceSelects
          devices={gear.devices}
          choice={choice}
          onChoose={(next) => {
            setChoice(next)
            void equipment.checkCameraAndMicrophone(next)
          }}
        />
      )}
    </StepPage>
  )
}

function useFirstLook(equipment: EquipmentCheck): void {
  useEffect(() => {
    equipment.checkBrowser()
  }, [equipment])
}

/** The last check needs no click: it begins as soon as every device is open. */
function useConnectionCheck(equipment: EquipmentCheck, stage: Stage, states: CheckStates): void {
  const due = stage === 'connection' && states.network.state === 'waiting'
  useEffect(() => {
    if (due) void equipment.checkConnection()
  }, [equipment, due])
}

interface NextCheckProps {
  readonly flow: SittingFlow
  readonly gear: Gear
  readonly stage: Stage
  readonly running: boolean
  readonly choice: DeviceChoice
}

function NextCheck({ flow, gear, stage, running, choice }: NextCheckProps) {
  const { t } = useTranslation('capture')
  const { equipment } = gear
  const state = useWatched(flow.state)
  const { camera, microphone } = state.sitting?.steps ?? { camera: true, microphone: true }
  switch (stage) {
    case 'browser':
      return (
        <Button size="md" onClick={() => equipment.checkBrowser()}>
          {t('equipment.check_again')}
        </Button>
      )
    case 'devices':
      return (
        <>
          <Button size="md" loading={running} onClick={() => void equipment.checkCameraAndMicrophone(choice)}>
            {camera && microphone
              ? t('equipment.open_camera_microphone')
              : camera
                ? t('equipment.open_camera')
                : t('equipment.open_microphone')}
          </Button>
          <p className={classes.hint}>{t('equipment.ask_hint')}</p>
        </>
      )
    case 'screen':
      return (
        <>
          <Button size="md" loading={running} onClick={() => void equipment.checkScreen()}>
            {t('equipment.share_screen')}
          </Button>
          <p className={classes.hint}>{t('equipment.share_hint')}</p>
        </>
      )
    case 'connection':
      return (
        <Button size="md" loading={running} onClick={() => void equipment.checkConnection()}>
          {t('equipment.check_again')}
        </Button>
      )
    case 'report':
      return (
        <>
          <Button
            size="md"
            loading={state.busy === 'report_equipment'}
            onClick={() => void flow.reportEquipment()}
            data-autofocus
          >
            {t('equipment.continue')}
          </Button>
          <p className={classes.hint} role="status">
            {t('equipment.all_ok')}
          </p>
        </>
      )
  }
}
