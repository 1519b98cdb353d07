import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { themeStyleSheet } from '@/ui/theme'

it('ui/variables.css is what the theme says (npm run theme writes it)', () => {
  expect(readFileSync(new URL('../src/ui/variables.css', import.meta.url), 'utf8')).toBe(themeStyleSheet())
})
