import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { themeStyleSheet } from '../src/ui/theme.ts'

writeFileSync(fileURLToPath(new URL('../src/ui/variables.css', import.meta.url)), themeStyleSheet())
