import { expect, it } from 'vitest'
import { lineOf, lineSpan } from './policy-lines'

const TOML = `name = "Strict"
[steps]
# camera is needed
camra = true

[detectors.head_turned]
yaw_deg = 900
[detectors."noise"]
release_s = 1
[analysis]
sound.window_ms = 3
inline = { a = 1 }
`

it.each([
  ['steps.camra', 4],
  ['detectors.head_turned.yaw_deg', 7],
  ['detectors.head_turned.dwell_s', 6],
  ['detectors.noise.release_s', 9],
  ['detectors.noise', 8],
  ['analysis.sound.window_ms', 11],
  ['analysis.inline.a', 12],
  ['name', 1],
  ['retention.days', null],
  ['', null],
])('finds %s', (field, line) => expect(lineOf(TOML, field, 'is wrong')).toBe(line))

it('trusts a line that the message names', () => {
  expect(lineOf(TOML, '', 'this is not TOML: Invalid value (at line 3, column 5)')).toBe(3)
})

it('gives the span of a line', () => {
  const { start, end } = lineSpan(TOML, 4)
  expect(TOML.slice(start, end)).toBe('camra = true')
})
