import {
  type CSSVariablesResolver,
  convertCssVariables,
  createTheme,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  type MantineColorsTuple,
  mergeMantineTheme,
} from '@mantine/core'

const petrol: MantineColorsTuple = [
  '#e8f5f7',
  '#d0e8ed',
  '#a5d3dc',
  '#77bccb',
  '#4fa4b6',
  '#2f8b9e',
  '#187487',
  '#0d6373',
  '#0a505e',
  '#073c47',
]

const amber: MantineColorsTuple = [
  '#fdf3e3',
  '#f9e4c3',
  '#f3c98a',
  '#edae54',
  '#d9922f',
  '#b87518',
  '#995d0c',
  '#7f4b06',
  '#653a03',
  '#4b2a01',
]

const dark: MantineColorsTuple = [
  '#c9d1d8',
  '#b2bcc5',
  '#8b97a2',
  '#6a7682',
  '#4b5762',
  '#36424c',
  '#20272e',
  '#1a2026',
  '#14191e',
  '#0f1317',
]

const fontFamily = "'Inter Variable', system-ui, sans-serif"

/** Two accents and greys. Shade 7 carries white words at a contrast of 4.5 and more in both colour schemes. */
export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: 7,
  colors: { petrol, amber, dark },
  fontFamily,
  headings: { fontFamily, fontWeight: '620' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
})

const resolver: CSSVariablesResolver = (merged) => {
  const base = defaultCssVariablesResolver(merged)
  return {
    variables: base.variables,
    light: {
      ...base.light,
      '--mantine-color-text': '#16202a',
      '--mantine-color-body': '#ffffff',
      '--mantine-color-dimmed': '#566270',
      '--mantine-color-placeholder': '#66717d',
      '--mantine-color-error': '#a3241c',
      '--mantine-color-anchor': petrol[7],
      '--mantine-color-default-border': '#aab4be',
    },
    dark: {
      ...base.dark,
      '--mantine-color-text': '#e4e9ed',
      '--mantine-color-body': '#14191e',
      '--mantine-color-dimmed': '#a3aeb8',
      '--mantine-color-placeholder': '#929da7',
      '--mantine-color-error': '#ff9b90',
      '--mantine-color-anchor': petrol[3],
      '--mantine-color-default': '#20272e',
      '--mantine-color-default-hover': '#29323a',
      '--mantine-color-default-border': '#4b5762',
    },
  }
}

/** Mantine's palettes that no page uses; their variables would take a tenth of the style sheets. */
const UNUSED = /^--mantine-color-(pink|grape|violet|indigo|blue|cyan|teal|green|lime|yellow|orange)-/

/** The theme's variables as a style sheet: the page's Content-Security-Policy forbids Mantine's own `<style>` element. */
export function themeStyleSheet(): string {
  const css = convertCssVariables(resolver(mergeMantineTheme(DEFAULT_THEME, theme)), ':root')
  const lines = css.replaceAll(';', ';\n').replaceAll('{', '{\n').split('\n')
  return `${lines.filter((line) => !UNUSED.test(line)).join('\n')}\n`
}
