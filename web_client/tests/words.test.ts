import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))
const LANGUAGES = ['kk', 'ru', 'en'] as const

function wordsOf(feature: string, language: string): Map<string, string> {
  const flat = new Map<string, string>()
  const walk = (node: unknown, path: string) => {
    if (typeof node === 'string') flat.set(path, node)
    else if (typeof node === 'object' && node !== null)
      for (const [key, value] of Object.entries(node)) walk(value, path === '' ? key : `${path}.${key}`)
  }
  walk(JSON.parse(readFileSync(join(SOURCE, feature, 'locales', `${language}.json`), 'utf8')), '')
  return flat
}

/** Every string literal of the sources, and the fixed beginning of every template. */
function literalsOf(): { whole: Set<string>; heads: Set<string> } {
  const whole = new Set<string>()
  const heads = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) whole.add(node.text)
    if (ts.isTemplateExpression(node)) heads.add(node.head.text)
    ts.forEachChild(node, visit)
  }
  for (const name of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(name) || /\.d\.ts$|\.test\.ts$/.test(name)) continue
    visit(ts.createSourceFile(name, readFileSync(join(SOURCE, name), 'utf8'), ts.ScriptTarget.Latest))
  }
  return { whole, heads }
}

const features = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith(join('locales', 'en.json')))
  .map((name) => name.slice(0, -join('', 'locales', 'en.json').length - 1))
const { whole, heads } = literalsOf()

/** Plural forms are one key to the code: `items_one`, `items_few` … are asked for as `items`. */
function asked(key: string): string {
  return key.replace(/_(zero|one|two|few|many|other)$/, '')
}

function isUsed(feature: string, key: string): boolean {
  const names = [key, `${feature}:${key}`]
  if (names.some((name) => whole.has(name))) return true
  return [...heads].some((head) => /[.]$/.test(head) && names.some((name) => name.startsWith(head)))
}

function placeholders(text: string): (string | undefined)[] {
  return [...text.matchAll(/{{\s*(\w+)/g)].map((match) => match[1]).toSorted()
}

describe.each(features)('words of %s', (feature) => {
  const tables = LANGUAGES.map((language) => [language, wordsOf(feature, language)] as const)
  const every = new Set(tables.flatMap(([, words]) => [...words.keys()].map(asked)))

  it.each(tables)('are complete in %s', (_language, words) => {
    const here = new Set([...words.keys()].map(asked))
    expect([...every].filter((key) => !here.has(key))).toEqual([])
    expect([...words].filter(([, text]) => text.trim() === '').map(([key]) => key)).toEqual([])
  })

  it('are all used', () => {
    expect([...every].filter((key) => !isUsed(feature, key))).toEqual([])
  })

  it('name the same placeholders in every language', () => {
    const [, first] = tables[0] ?? []
    for (const [, words] of tables)
      for (const [key, text] of words) {
        const other = first?.get(key)
        if (other !== undefined) expect({ key, has: placeholders(text) }).toEqual({ key, has: placeholders(other) })
      }
  })
})
