import { expect, it } from 'vitest'
import type { Incident, Signal } from '@/api/types'
import { completeness, gapsOf, provenanceOf } from './provenance'

const signal = (detector: string, model: string | null): Signal => ({
  signal_id: detector,
  kind: 'noise',
  detector,
  start_ms: 0,
  noticed_ms: 0,
  end_ms: null,
  confidence: 1,
  why: {
    text: { kk: '', ru: '', en: '' },
    crossing: { measure: 'level', value: 1, threshold: 0, unit: 'dB', dwell_ms: 0 },
    model,
    error_rate: null,
  },
})

it('names every version once', () => {
  const incident = { signals: [signal('speech@1', 'silero@6'), signal('noise@2', null), signal('speech@1', 'silero@6')] }
  expect(provenanceOf([incident as unknown as Incident])).toEqual({ rules: ['noise@2', 'speech@1'], models: ['silero@6'] })
})

it('gives the recorded share, never more than all', () => {
  expect(completeness({ recorded_ms: 900 }, 1000)).toBe(0.9)
  expect(completeness({ recorded_ms: 1200 }, 1000)).toBe(1)
  expect(completeness({ recorded_ms: 5 }, 0)).toBe(0)
})

it('counts no absence of a telephone before it came and after it left', () => {
  const gaps = [
    { start_ms: 0, end_ms: 17_000 },
    { start_ms: 30_000, end_ms: 40_000 },
    { start_ms: 90_000, end_ms: 120_000 },
  ]
  const track = { url: '', start_ms: 17_000, end_ms: 90_000, recorded_ms: 63_000, width: 640, height: 480, gaps }
  expect(gapsOf({ ...track, track: 'phone' })).toEqual([{ start_ms: 30_000, end_ms: 40_000 }])
  expect(gapsOf({ ...track, track: 'camera' })).toEqual(gaps)
})
