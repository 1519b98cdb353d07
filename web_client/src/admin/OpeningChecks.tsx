import { Checkbox } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './Admin.module.css'
import { demandsStep, ENTRY_STEPS, OPENING_STEPS, type PolicyStep, withStep } from './model/policy-steps'

interface StepsProps {
  readonly policy: string
  readonly onChange: (policy: string) => void
}

function Steps({ steps, policy, onChange }: StepsProps & { readonly steps: readonly PolicyStep[] }) {
  const { t } = useTranslation('admin')
  return steps.map((step) => (
    <Checkbox
      key={step}
      label={t(`form.step.${step}`)}
      description={t(`form.step_hint.${step}`)}
      checked={demandsStep(policy, step)}
      onChange={(event) => onChange(withStep(policy, step, event.currentTarget.checked))}
    />
  ))
}

/** Steps before the start that not every exam asks for; ticking one writes it into the policy's text. */
export function EntrySteps({ policy, onChange }: StepsProps) {
  const { t } = useTranslation('admin')
  return (
    <fieldset className={classes.opening}>
      <legend>{t('form.entry')}</legend>
      <Steps steps={ENTRY_STEPS} policy={policy} onChange={onChange} />
    </fieldset>
  )
}

/** Checks that the policy puts before the questions; ticking one writes it into the policy's text. */
export function OpeningChecks({ policy, onChange }: StepsProps) {
  const { t } = useTranslation('admin')
  return (
    <fieldset className={classes.opening}>
      <legend>{t('form.opening')}</legend>
      <p className={classes.hint}>{t('form.opening_hint')}</p>
      <Steps steps={OPENING_STEPS} policy={policy} onChange={onChange} />
    </fieldset>
  )
}
