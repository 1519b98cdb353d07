import { describe, expect, it } from 'vitest'
import { localVoice } from './hint_voice'

function voice(lang: string, localService: boolean): SpeechSynthesisVoice {
  return { lang, localService, name: lang, voiceURI: lang, default: false }
}

describe('localVoice', () => {
  it('takes only voices that speak on this computer', () => {
    expect(localVoice([voice('ru-RU', false)], 'ru')).toBeUndefined()
    const own = voice('ru_RU', true)
    expect(localVoice([voice('ru-RU', false), own], 'ru')).toBe(own)
  })

  it('does not read Kazakh with a Russian voice', () => {
    expect(localVoice([voice('ru-RU', true), voice('en-GB', true)], 'kk')).toBeUndefined()
  })
})
