export const ADMIN_PARTS = ['exams', 'accounts', 'sittings'] as const
export type AdminPart = (typeof ADMIN_PARTS)[number]

/** The part that an address names; anything else shows the first. */
export function readPart(search: Record<string, unknown>): { part?: AdminPart } {
  const part = ADMIN_PARTS.find((each) => each === search['part'])
  return part ? { part } : {}
}
