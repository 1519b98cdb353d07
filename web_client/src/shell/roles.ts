import type { Role } from '@/api/types'

export type Section = 'sit' | 'invigilate' | 'review' | 'admin'

const SECTIONS: Readonly<Record<Role, readonly Section[]>> = {
  candidate: ['sit'],
  invigilator: ['invigilate'],
  committee: ['review'],
  admin: ['admin', 'invigilate', 'review'],
}

/** The parts of the site that a role may open; the first is where it starts. */
export function sectionsOf(role: Role): readonly Section[] {
  return SECTIONS[role]
}

export function homeOf(role: Role): `/${Section}` {
  return `/${SECTIONS[role][0] ?? 'sit'}`
}

/** Where to go after logging in: back to the page that asked for it, when it is a page of this site. */
export function afterLogin(role: Role, next: string | undefined): string {
  if (next?.startsWith('/') && !next.startsWith('//')) {
    const section = next.slice(1).split(/[/?#]/)[0]
    if (SECTIONS[role].some((own) => own === section)) return next
  }
  return homeOf(role)
}
