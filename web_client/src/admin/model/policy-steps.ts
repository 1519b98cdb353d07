import { lineOf } from './policy-lines'

/** Steps of a policy that open a sitting with a check before a camera. */
export const OPENING_STEPS = ['room_scan_at_start', 'challenge_at_start', 'gaze_calibration'] as const
/** Steps of a policy that are taken before the start. */
export const ENTRY_STEPS = ['identity_document'] as const
export type PolicyStep = (typeof OPENING_STEPS | typeof ENTRY_STEPS)[number]

/** Whether a policy, as a person writes it, demands a step; a step that it does not name is not demanded. */
export function demandsStep(toml: string, step: PolicyStep): boolean {
  const line = lineOf(toml, `steps.${step}`, '')
  const text = line === null ? '' : (toml.split('\n')[line - 1] ?? '')
  return new RegExp(String.raw`\b${step}\s*=\s*true\b`).test(text.replace(/#.*/, ''))
}

/** The policy's text with a step demanded or not; everything else stays as it was written. */
export function withStep(toml: string, step: PolicyStep, demanded: boolean): string {
  const lines = toml.split('\n')
  const line = lineOf(toml, `steps.${step}`, '')
  if (line === null) return withDotted(lines, step, demanded) ?? withTable(toml, step, demanded)
  const index = line - 1
  const text = lines[index] ?? ''
  const value = new RegExp(String.raw`(\b${step}\s*=\s*)(true|false)\b`)
  if (value.test(text)) lines[index] = text.replace(value, `$1${demanded}`)
  else if (text.trim().startsWith('[')) lines.splice(line, 0, `${step} = ${demanded}`)
  else lines[index] = text.replace(/{\s*/, `{ ${step} = ${demanded}, `).replace(/,\s*}/, ' }')
  return lines.join('\n')
}

/** A table whose keys are written one by one (`steps.camera = true`) cannot be opened a second time. */
function withDotted(lines: string[], step: PolicyStep, demanded: boolean): string | null {
  const table = lines.findIndex((text) => text.trim().startsWith('['))
  const dotted = lines.slice(0, table === -1 ? lines.length : table).findLastIndex((text) => /^\s*steps\s*\./.test(text))
  if (dotted === -1) return null
  return lines.toSpliced(dotted + 1, 0, `steps.${step} = ${demanded}`).join('\n')
}

function withTable(toml: string, step: PolicyStep, demanded: boolean): string {
  const before = toml.trimEnd()
  return `${before}${before === '' ? '' : '\n\n'}[steps]\n${step} = ${demanded}\n`
}
