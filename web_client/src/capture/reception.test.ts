import { describe, expect, it } from 'vitest'
import type { ReceivedTrack } from './contract'
import { judgeReception } from './reception'

function track(fields: Partial<ReceivedTrack>): ReceivedTrack {
  return {
    track: 'camera',
    codec: 'vp8',
    packets: 60,
    lost: 0,
    recovered: 0,
    frames: 20,
    bytes: 9000,
    width: 640,
    height: 480,
    last_frame_age_ms: 40,
    layers_ok: true,
    ...fields,
  }
}
const SOUND = track({ track: 'microphone', codec: 'opus', layers_ok: null })

describe('judgeReception', () => {
  it('is content when all arrives as it should', () => {
    const verdict = judgeReception({ state: 'connected', tracks: [track({}), SOUND] }, ['camera', 'microphone'])
    expect(verdict).toMatchObject({ settled: true, network: null, codec: null })
    expect(verdict.codecs).toEqual({ camera_codec: 'vp8', camera_layers_ok: true, microphone_codec: 'opus' })
  })

  it('names what does not arrive', () => {
    const verdict = judgeReception({ state: 'connected', tracks: [SOUND] }, ['camera', 'microphone', 'screen'])
    expect(verdict).toMatchObject({ settled: false, network: 'media_not_arriving' })
    expect(verdict.detail['missing']).toBe('camera,screen')
  })

  it('names loss that repair does not catch up with', () => {
    const verdict = judgeReception({ state: 'connected', tracks: [track({ lost: 20 })] }, ['camera'])
    expect(verdict.network).toBe('loss_high')
    expect(verdict.detail['loss_percent']).toBe(25)
  })

  it('names a codec that the recorder does not keep', () => {
    expect(judgeReception({ state: 'connected', tracks: [track({ codec: 'h264' })] }, ['camera']).codec).toBe(
      'codec_not_used',
    )
  })

  it('knows nothing without the server', () => {
    expect(judgeReception(null, ['camera'])).toMatchObject({ settled: false, network: 'media_not_arriving' })
  })
})
