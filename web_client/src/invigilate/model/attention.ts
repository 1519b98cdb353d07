import type { Incident, SittingSummary } from '@/api/types'
import type { Level } from '@/ui/SeverityMark'
import type { Ordering } from './steady-list'

export type Section = 'high' | 'medium' | 'low' | 'none' | 'waiting'

const SECTIONS: readonly Section[] = ['high', 'medium', 'low', 'none', 'waiting']

export function sectionOf(sitting: SittingSummary): Section {
  return sitting.state === 'running' ? sitting.attention.reason : 'waiting'
}

/** Whether a sitting belongs on the invigilator's list at all. */
export function isWatched(sitting: SittingSummary): boolean {
  return sitting.state !== 'finished' && sitting.state !== 'refused'
}

/** By how soon a person should look: sections first, then the server's rank. */
export const byAttention: Ordering<SittingSummary> = {
  key: (sitting) => sitting.sitting_id,
  section: sectionOf,
  compare: (a, b) =>
    SECTIONS.indexOf(sectionOf(a)) - SECTIONS.indexOf(sectionOf(b)) ||
    a.attention.rank - b.attention.rank ||
    a.candidate.name.localeCompare(b.candidate.name),
}

export function levelOf(section: Section): Level {
  return section === 'waiting' ? 'none' : section
}

export type CheckSummary = NonNullable<SittingSummary['check']>

/** The words of a list for how far an open check is; degrees are shown of a room scan that runs. */
export function standOf({ state, coverage_deg }: CheckSummary) {
  if (state !== 'begun') return 'row.check_asked' as const
  return coverage_deg === null ? ('row.check_begun' as const) : ('row.check_shown' as const)
}

/** The sitting that needs a person first; null when none does. */
export function nextForPerson(sittings: readonly SittingSummary[]): SittingSummary | null {
  const needy = sittings.filter((sitting) => sitting.state === 'running' && sitting.attention.unreviewed > 0)
  return needy.toSorted(byAttention.compare)[0] ?? null
}

const SEVERITIES: readonly Incident['severity'][] = ['high', 'medium', 'low', 'info']

/** Undecided, but of low severity and beyond the number an hour that is put before a person one by one. */
export const isFolded = (incident: Incident): boolean => incident.folded && incident.review === 'unreviewed'

/** Undecided incidents first, the gravest on top, the older before the newer, folded ones last; decided ones by time. */
export const byNeed: Ordering<Incident> = {
  key: (incident) => incident.incident_id,
  section: (incident) => (incident.review === 'unreviewed' ? 'open' : 'decided'),
  compare: (a, b) => {
    const open = Number(a.review !== 'unreviewed') - Number(b.review !== 'unreviewed')
    if (open !== 0) return open
    const folded = Number(isFolded(a)) - Number(isFolded(b))
    if (folded !== 0) return folded
    const graver = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)
    return (a.review === 'unreviewed' ? graver : 0) || a.start_ms - b.start_ms
  },
}

/** The key after (or before) `current`; the first (or last) when nothing is chosen; stops at the ends. */
export function neighbour(keys: readonly string[], current: string | null, step: 1 | -1): string | null {
  const at = current === null ? -1 : keys.indexOf(current)
  if (at === -1) return (step === 1 ? keys[0] : keys.at(-1)) ?? null
  return keys[Math.min(keys.length - 1, Math.max(0, at + step))] ?? null
}

/** Milliseconds that remain to undo a decision; 0 when it stands. */
export function undoLeftMs(incident: Pick<Incident, 'undo_until'>, now: number): number {
  return incident.undo_until === null ? 0 : Math.max(0, Date.parse(incident.undo_until) - now)
}

/** Where playback of an incident begins: five seconds before its onset. */
export function playFromMs(incident: Pick<Incident, 'start_ms'>): number {
  return Math.max(0, incident.start_ms - 5_000)
}
