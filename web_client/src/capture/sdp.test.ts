import { describe, expect, it } from 'vitest'
import { withPacketTime, withSoundRepair } from './sdp'

const AUDIO = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1',
]
const VIDEO = ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:1', 'a=rtpmap:96 VP8/90000', 'a=rtcp-fb:96 nack']
const sdp = (...lines: readonly string[]) => ['v=0', 's=-', ...lines, ''].join('\r\n')

describe('withSoundRepair', () => {
  it('asks for lost Opus packets, right after the codec, and leaves pictures alone', () => {
    const lines = withSoundRepair(sdp(...AUDIO, ...VIDEO)).split('\r\n')
    expect(lines[lines.indexOf('a=rtpmap:111 opus/48000/2') + 1]).toBe('a=rtcp-fb:111 nack')
    expect(lines.filter((line) => line.endsWith(' nack'))).toEqual(['a=rtcp-fb:111 nack', 'a=rtcp-fb:96 nack'])
  })

  it('takes the payload type from the description', () => {
    expect(withSoundRepair(sdp(...AUDIO).replaceAll('111', '96'))).toContain('a=rtcp-fb:96 nack')
  })

  it('changes nothing where it is asked for already, or where there is no Opus', () => {
    const once = withSoundRepair(sdp(...AUDIO))
    expect(withSoundRepair(once)).toBe(once)
    expect(withSoundRepair(sdp(...VIDEO))).toBe(sdp(...VIDEO))
  })
})

describe('withPacketTime', () => {
  it('sets 60 ms once, in place of any other packet time', () => {
    const changed = withPacketTime(sdp(...AUDIO, 'a=ptime:20', ...VIDEO))
    expect(changed.match(/a=ptime:\d+/g)).toEqual(['a=ptime:60'])
    expect(changed.indexOf('a=ptime:60')).toBeLessThan(changed.indexOf('m=video'))
  })
})
