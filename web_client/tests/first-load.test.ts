import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { firstLoad, type Manifest, ROLE_PAGES } from '../scripts/first-load'

const manifest: Manifest = {
  'index.html': { file: 'main.js', css: ['main.css'], assets: ['inter.woff2'], imports: ['_shared.js'] },
  '_shared.js': { file: 'shared.js', imports: ['index.html'] },
  'page.tsx': { file: 'page.js', css: ['page.css'], imports: ['_shared.js'] },
  'src/ui/locales/kk.json': { file: 'kk.js' },
}

it('follows imports once and counts styles and fonts', () => {
  expect(firstLoad(manifest, { modules: ['page.tsx'], features: ['ui'] }).toSorted()).toEqual(
    ['inter.woff2', 'kk.js', 'main.css', 'main.js', 'page.css', 'page.js', 'shared.js'].toSorted(),
  )
})

it('refuses to measure a build that lacks a page', () => {
  expect(() => firstLoad(manifest, { modules: ['gone.tsx'], features: [] })).toThrow('gone.tsx')
})

it.each(Object.entries(ROLE_PAGES))('measures pages and words that exist: %s', (_role, page) => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const names = [...page.modules, ...page.features.map((feature) => `src/${feature}/locales/kk.json`)]
  expect(names.filter((name) => !existsSync(root + name))).toEqual([])
})
