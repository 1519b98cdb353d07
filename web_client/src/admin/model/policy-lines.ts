/** A policy's field, as the server names it (`detectors.noise.level_dbfs`), found in the text that a person wrote. */
export function lineOf(toml: string, field: string, message: string): number | null {
  const said = /\bline (\d+)/.exec(message)?.[1]
  if (said !== undefined) return Number(said)
  if (field === '') return null
  const path = field.split('.')
  let table: string[] = []
  let header: number | null = null
  for (const [index, raw] of toml.split('\n').entries()) {
    const text = raw.trim()
    const opened = /^\[\s*([^\][]+?)\s*\]/.exec(text)?.[1]
    if (opened !== undefined) {
      table = opened.split('.').map(bare)
      if (startsWith(path, table)) header = index + 1
      continue
    }
    const key = /^([^#=]+?)\s*=/.exec(text)?.[1]
    if (key === undefined) continue
    const full = [...table, ...key.split('.').map(bare)]
    if (full.length <= path.length && startsWith(path, full) && full.length > table.length) {
      if (full.length === path.length || text.includes('{')) return index + 1
    }
  }
  return header
}

function bare(part: string): string {
  return part.trim().replaceAll(/^["']|["']$/g, '')
}

function startsWith(path: readonly string[], head: readonly string[]): boolean {
  return head.length <= path.length && head.every((part, index) => path[index] === part)
}

/** Offsets of a line's first and last character, to select it in a text field. */
export function lineSpan(text: string, line: number): { readonly start: number; readonly end: number } {
  const lines = text.split('\n')
  const before = lines.slice(0, line - 1)
  const start = before.reduce((sum, each) => sum + each.length + 1, 0)
  return { start, end: start + (lines[line - 1]?.length ?? 0) }
}
