/** Measures what each role's first page loads, compressed, from the build's manifest; fails above the limit. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { firstLoad, LIMIT_BYTES, type Manifest, ROLE_PAGES } from './first-load.ts'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))
const manifest: Manifest = JSON.parse(readFileSync(`${DIST}.vite/manifest.json`, 'utf8'))

/** Fonts are compressed already. */
function bytesOf(file: string): number {
  const content = readFileSync(DIST + file)
  return file.endsWith('.woff2') ? content.length : gzipSync(content, { level: 6 }).length
}

let failed = false
for (const [role, page] of Object.entries(ROLE_PAGES)) {
  const files = firstLoad(manifest, page)
  const bytes = ['index.html', ...files].reduce((sum, file) => sum + bytesOf(file), 0)
  const fits = bytes <= LIMIT_BYTES
  failed ||= !fits
  process.stdout.write(`${role.padEnd(12)} ${(bytes / 1000).toFixed(1).padStart(7)} kB  ${files.length} files  ${fits ? 'ok' : 'TOO LARGE'}\n`)
}
process.exitCode = failed ? 1 : 0
