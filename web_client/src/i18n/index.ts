import i18next, { type BackendModule, type ResourceKey } from 'i18next'
import { initReactI18next, useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { meQuery, queryClient } from '@/api/queries'
import type { Language } from '@/api/types'
import { keepLanguage, keptLanguage, LANGUAGES } from './language'

const files = import.meta.glob<ResourceKey>('/src/*/locales/*.json', { import: 'default' })

/** Each feature's words come in a file of their own, fetched when a page of that feature opens. */
const backend: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: async (language, feature) => {
    const load = files[`/src/${feature}/locales/${language}.json`]
    if (!load) throw new Error(`no words for ${feature} in ${language}`)
    return load()
  },
}

export async function startTranslation(): Promise<void> {
  const language = keptLanguage()
  document.documentElement.lang = language
  i18next.on('languageChanged', (now) => {
    document.documentElement.lang = now
  })
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: false,
      supportedLngs: [...LANGUAGES],
      ns: ['i18n', 'ui', 'shell'],
      defaultNS: 'ui',
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    })
}

/** Changes the page's language, keeps it in this browser and, for a logged-in person, in the account. */
export async function changeLanguage(language: Language): Promise<void> {
  keepLanguage(language)
  await i18next.changeLanguage(language)
  const me = queryClient.getQueryData(meQuery.queryKey)
  if (!me || me.language === language) return
  await api.PATCH('/api/me', { body: { language } })
  queryClient.setQueryData(meQuery.queryKey, (now) => (now ? { ...now, language } : now))
}

export function useLanguage(): Language {
  const { i18n } = useTranslation()
  return LANGUAGES.find((language) => language === i18n.language) ?? 'kk'
}
