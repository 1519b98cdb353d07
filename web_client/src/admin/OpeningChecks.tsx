import { Checkbox } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './Admin.module.css'
import { demandsStep, OPENING_STEPS, withStep } from './model/policy-steps'

interface OpeningProps {
  readonly policy: string
  readonly onChange: (policy: string) => void
}

/** Checks that the policy puts before the questions; ticking one writes it into the policy's text. */
export function OpeningChecks({ policy, onChange }: OpeningProps) {
  const { t } = useTranslation('admin')
  return (
    <fieldset className={classes.opening}>
      <legend>{t('form.opening')}</legend>
      <p className={classes.hint}>{t('form.opening_hint')}</p>
      {OPENING_STEPS.map((step) => (
        <Checkbox
          key={step}
          label={t(`form.step.${step}`)}
          description={t(`form.step_hint.${step}`)}
          checked={demandsStep(policy, step)}
          onChange={(event) => onChange(withStep(policy, step, event.currentTarget.checked))}
        />
      ))}
    </fieldset>
  )
}
