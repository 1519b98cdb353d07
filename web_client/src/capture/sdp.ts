/**
 * Changes to session descriptions that no browser API offers.
 *
 * Chromium asks for retransmission of lost video but not of lost sound, and takes the packet time of Opus from the
 * remote description only.
 */

/** Milliseconds of sound in one packet: 60 instead of 20 cuts 48 packets a second to 16. */
const PACKET_TIME_MS = 60

const OPUS = /^a=rtpmap:(\d+) opus\/48000/im

function mapAudioSections(sdp: string, change: (section: string) => string): string {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => (section.startsWith('m=audio') ? change(section) : section))
    .join('')
}

function insertAfterOpusMap(section: string, line: string): string {
  return section.replace(/^a=rtpmap:\d+ opus\/48000[^\r\n]*\r?\n/im, (map) => `${map}${line}\r\n`)
}

/** Ask for lost Opus packets again, in an offer as in an answer. Leaves a description alone that already says so. */
export function withSoundRepair(sdp: string): string {
  return mapAudioSections(sdp, (section) => {
    const payloadType = OPUS.exec(section)?.[1]
    if (payloadType === undefined) return section
    const repair = `a=rtcp-fb:${payloadType} nack`
    return section.split(/\r?\n/).includes(repair) ? section : insertAfterOpusMap(section, repair)
  })
}

/** Make the sender put `milliseconds` of sound into each packet; applied to the remote description. */
export function withPacketTime(sdp: string, milliseconds: number = PACKET_TIME_MS): string {
  return mapAudioSections(sdp, (section) =>
    insertAfterOpusMap(section.replace(/^a=ptime:[^\r\n]*\r?\n/gm, ''), `a=ptime:${String(milliseconds)}`),
  )
}
