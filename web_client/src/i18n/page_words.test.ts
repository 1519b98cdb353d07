import { describe, expect, it } from 'vitest'

const sources = import.meta.glob<string>('/src/**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true })

const WITH_EVERY_PAGE = ['i18n', 'ui', 'shell']

/** Files that come with a file: what it imports, but for types and for what it fetches later. */
function imported(file: string): string[] {
  const source = sources[file] ?? ''
  const found = [...source.matchAll(/^(?:import|export)\s(?!type\b)[^'"]*?from\s+'([^']+)'/gms)].map((match) => match[1])
  return found.flatMap((from) => {
    if (from === undefined || !/^[.@]\/|^\.\./.test(from)) return []
    const path = from.startsWith('@/') ? `/src/${from.slice(2)}` : new URL(from, `file://${file}`).pathname
    return [`${path}.tsx`, `${path}.ts`, `${path}/index.ts`].filter((name) => name in sources)
  })
}

function together(page: string): Set<string> {
  const found = new Set<string>()
  const due = [page]
  for (let file = due.pop(); file !== undefined; file = due.pop()) {
    if (found.has(file)) continue
    found.add(file)
    due.push(...imported(file))
  }
  return found
}

function words(source: string): string[][] {
  return [...source.matchAll(/useTranslation\(([^)]*)\)/g)].map((call) =>
    [...(call[1] ?? '').matchAll(/'([^']+)'/g)].map((name) => name[1] ?? ''),
  )
}

describe('a page that is shown stays shown', () => {
  // Words that are fetched later suspend the page: it vanishes, loses the focus and comes back.
  it.each([
    ['/src/invigilate/InvigilatePage.tsx', 'InvigilatePage'],
    ['/src/review/DocumentPage.tsx', 'DocumentPage'],
    ['/src/review/FinishedPage.tsx', 'FinishedPage'],
    ['/src/admin/AdminPage.tsx', 'AdminPage'],
    ['/src/phone/PhonePage.tsx', 'PhonePage'],
  ])('%s asks for all its words at once', (page, component) => {
    const files = together(page)
    expect(files.size).toBeGreaterThan(5)
    const needed = new Set([...files].flatMap((file) => words(sources[file] ?? '').flat()))
    const source = sources[page] ?? ''
    const own = words(source.slice(source.indexOf(`export function ${component}`)))[0] ?? []
    expect([...needed].filter((name) => ![...own, ...WITH_EVERY_PAGE].includes(name))).toEqual([])
  })
})
