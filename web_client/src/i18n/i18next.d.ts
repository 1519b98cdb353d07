import 'i18next'
import type i18n from './locales/en.json'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'ui'
    returnNull: false
  }
  interface ResourceNamespaceMap {
    i18n: typeof i18n
  }
}
