import { Button } from '@mantine/core'
import { Volume2, VolumeX } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Paced } from '@/capture/hint_pacer'
import { HintVoice } from '@/capture/hint_voice'
import { useWatched } from '@/capture/views/useWatched'
import { useLanguage } from '@/i18n'

/** Says each new hint aloud, or sounds a tone, until it is switched off: who turns does not look at the screen. */
export function HeardHints({ paced }: { paced: Paced }) {
  const { t } = useTranslation('phone')
  const language = useLanguage()
  const [on, setOn] = useState(true)
  const [voice] = useState(
    () => new HintVoice({ language, synthesis: window.speechSynthesis, newAudio: () => new AudioContext() }),
  )
  useEffect(() => () => voice.close(), [voice])
  const kind = useWatched(voice.kind)
  const count = paced.said?.count ?? 0
  const words = paced.said === null ? null : t(`hint.${paced.said.hint}`)
  useEffect(() => {
    if (on && count > 0 && words !== null) voice.say(words)
  }, [on, count, words, voice])
  const Icon = on ? Volume2 : VolumeX
  return (
    <Button
      variant="default"
      aria-pressed={on}
      leftSection={<Icon size={18} aria-hidden />}
      onClick={() => {
        setOn(!on)
      }}
    >
      {t(`voice.${kind}`)}
    </Button>
  )
}
