/** Fields of a machine-readable zone in the order in which a person compares them. */
export const FIELDS = [
  'surname',
  'given_names',
  'birth_date',
  'sex',
  'nationality',
  'document_number',
  'issuer',
  'expiry_date',
  'optional',
  'optional_2',
] as const

const DATES: ReadonlySet<string> = new Set(['birth_date', 'expiry_date'])

/** A date of the zone (year, month, day of two digits each) as day.month.year; the century is not written there. */
export function asDate(name: string, value: string): string {
  const parts = /^(\d\d)(\d\d)(\d\d)$/.exec(value)
  return DATES.has(name) && parts ? `${parts[3]}.${parts[2]}.${parts[1]}` : value
}
