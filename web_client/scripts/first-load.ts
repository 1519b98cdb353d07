export const LIMIT_BYTES = 300_000

export interface Chunk {
  readonly file: string
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
  readonly assets?: readonly string[]
}

export type Manifest = Readonly<Record<string, Chunk>>

export interface RolePage {
  /** Modules that the role's first page loads when it opens. */
  readonly modules: readonly string[]
  /** Features whose words it shows. */
  readonly features: readonly string[]
}

const SHELL = ['i18n', 'ui', 'shell']

export const ROLE_PAGES: Readonly<Record<string, RolePage>> = {
  'log-in': { modules: ['src/entry/LoginPage.tsx'], features: [...SHELL, 'entry'] },
  doors: { modules: ['src/entry/DoorsPage.tsx'], features: [...SHELL, 'entry'] },
  candidate: { modules: ['src/capture/route.tsx'], features: [...SHELL, 'capture'] },
  invigilator: {
    modules: ['src/invigilate/InvigilatePage.tsx'],
    features: [...SHELL, 'invigilate', 'incidents', 'playback', 'checks'],
  },
  committee: {
    modules: ['src/review/FinishedPage.tsx', 'src/review/DocumentPage.tsx'],
    features: [...SHELL, 'review', 'incidents', 'playback', 'checks', 'identity'],
  },
  admin: { modules: ['src/admin/AdminPage.tsx'], features: [...SHELL, 'admin'] },
}

/** Kazakh, whose words take the most bytes. */
const LANGUAGE = 'kk'

/** Every file that a role's first page needs, in a browser that has nothing yet. */
export function firstLoad(manifest: Manifest, page: RolePage): string[] {
  const files = new Set<string>()
  const seen = new Set<string>()
  const add = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    const chunk = manifest[name]
    if (!chunk) throw new Error(`the build has no ${name}`)
    for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(file)
    for (const imported of chunk.imports ?? []) add(imported)
  }
  add('index.html')
  for (const name of page.modules) add(name)
  for (const feature of page.features) add(`src/${feature}/locales/${LANGUAGE}.json`)
  return [...files]
}
