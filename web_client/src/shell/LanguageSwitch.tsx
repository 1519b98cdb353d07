import { useTranslation } from 'react-i18next'
import { changeLanguage, useLanguage } from '@/i18n'
import { LANGUAGE_NAMES, LANGUAGES } from '@/i18n/language'
import classes from './Shell.module.css'

export function LanguageSwitch() {
  const { t } = useTranslation('shell')
  const current = useLanguage()
  return (
    <fieldset className={classes.languages}>
      <legend className="visually-hidden">{t('language')}</legend>
      {LANGUAGES.map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={language === current}
          onClick={() => void changeLanguage(language)}
        >
          {LANGUAGE_NAMES[language]}
        </button>
      ))}
    </fieldset>
  )
}
