import 'i18next'
import type words from './locales/en.json'

declare module 'i18next' {
  interface ResourceNamespaceMap {
    gaze: typeof words
  }
}
