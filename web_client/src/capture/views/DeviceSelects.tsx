import { NativeSelect } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CaptureDevices, DeviceChoice } from '../capture_devices'
import classes from './Equipment.module.css'

interface DeviceSelectsProps {
  readonly devices: CaptureDevices
  readonly choice: DeviceChoice
  readonly onChoose: (choice: DeviceChoice) => void
}

/** Shown only where there is something to choose from. */
export function DeviceSelects({ devices, choice, onChoose }: DeviceSelectsProps) {
  const { t } = useTranslation('capture')
  const [list, setList] = useState<readonly MediaDeviceInfo[]>([])
  useEffect(() => {
    const look = () => void devices.list().then(setList)
    look()
    return devices.states.subscribe(look)
  }, [devices])
  const of = (kind: MediaDeviceKind) =>
    list
      .filter((device) => device.kind === kind && device.label !== '')
      .map(({ deviceId, label }) => ({ value: deviceId, label }))
  const cameras = of('videoinput')
  const microphones = of('audioinput')
  if (cameras.length < 2 && microphones.length < 2) return null
  return (
    <div className={classes.selects}>
      {cameras.length < 2 ? null : (
        <NativeSelect
          label={t('equipment.camera_choice')}
          data={cameras}
          value={choice.cameraId ?? devices.track('camera')?.getSettings().deviceId ?? ''}
          onChange={(event) => onChoose({ ...choice, cameraId: event.currentTarget.value })}
        />
      )}
      {microphones.length < 2 ? null : (
        <NativeSelect
          label={t('equipment.microphone_choice')}
          data={microphones}
          value={choice.microphoneId ?? devices.track('microphone')?.getSettings().deviceId ?? ''}
          onChange={(event) => onChoose({ ...choice, microphoneId: event.currentTarget.value })}
        />
      )}
    </div>
  )
}
