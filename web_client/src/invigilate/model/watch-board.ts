import type { Incident, LiveFromServer, SittingSummary } from '@/api/types'
import { Store } from '@/ui/store'
import { byAttention, byNeed, isWatched, nextForPerson } from './attention'
import { SteadyList } from './steady-list'

export interface BoardSnapshot {
  readonly sittings: SteadyList<SittingSummary>
  /** Incidents of the chosen sitting. */
  readonly incidents: SteadyList<Incident>
  readonly chosenSitting: string | null
  readonly next: SittingSummary | null
  /** When `sittings` was last heard of, by the page's clock: elapsed times go on from there. */
  readonly heardAt: ReadonlyMap<string, number>
  readonly connected: boolean
  readonly loaded: boolean
  readonly incidentsLoaded: boolean
  readonly failure: unknown
  readonly latest: Incident | null
}

export interface BoardPorts {
  readonly fetchSittings: () => Promise<SittingSummary[]>
  readonly fetchIncidents: (sittingId: string) => Promise<Incident[]>
  readonly now: () => number
}

/** Everything that the invigilator's page shows of lists, kept current by the live feed. */
export class WatchBoard extends Store<BoardSnapshot> {
  readonly #ports: BoardPorts

  constructor(ports: BoardPorts) {
    super({
      sittings: SteadyList.empty(byAttention),
      incidents: SteadyList.empty(byNeed),
      chosenSitting: null,
      next: null,
      heardAt: new Map(),
      connected: false,
      loaded: false,
      incidentsLoaded: false,
      failure: null,
      latest: null,
    })
    this.#ports = ports
  }

  /** Fetches the list, and the incidents of the chosen sitting; a failure is kept for the page to show. */
  async refresh(): Promise<void> {
    try {
      const sittings = (await this.#ports.fetchSittings()).filter(isWatched)
      const now = this.#ports.now()
      this.#set({
        sittings: this.snapshot.sittings.replaceAll(sittings),
        heardAt: new Map(sittings.map((sitting) => [sitting.sitting_id, now])),
        next: nextForPerson(sittings),
        loaded: true,
        failure: null,
      })
    } catch (failure) {
      this.#set({ failure })
      return
    }
    await this.#fetchIncidents()
  }

  async choose(sittingId: string | null): Promise<void> {
    if (sittingId === this.snapshot.chosenSitting) return
    this.#set({ chosenSitting: sittingId, incidents: SteadyList.empty(byNeed), incidentsLoaded: false, latest: null })
    await this.#fetchIncidents()
  }

  onConnection(connected: boolean): void {
    this.#set({ connected })
    if (connected) void this.refresh()
  }

  onMessage(message: LiveFromServer): void {
    if (message.type === 'sitting') this.#putSitting(message.sitting)
    if (message.type === 'incident') this.putIncident(message.incident)
  }

  putIncident(incident: Incident): void {
    if (incident.sitting_id !== this.snapshot.chosenSitting) return
    const isNew = this.snapshot.incidents.get(incident.incident_id) === undefined
    this.#set({
      incidents: this.snapshot.incidents.put(incident),
      latest: isNew ? incident : this.snapshot.latest,
    })
  }

  holdSittings(held: boolean): void {
    const { sittings } = this.snapshot
    this.#set({ sittings: held ? sittings.hold() : sittings.release() })
  }

  holdIncidents(held: boolean): void {
    const { incidents } = this.snapshot
    this.#set({ incidents: held ? incidents.hold() : incidents.release() })
  }

  settle(): void {
    this.#set({ sittings: this.snapshot.sittings.settle(), incidents: this.snapshot.incidents.settle() })
  }

  #putSitting(sitting: SittingSummary): void {
    const { sittings } = this.snapshot
    const changed = isWatched(sitting) ? sittings.put(sitting) : sittings.drop(sitting.sitting_id)
    const heardAt = new Map(this.snapshot.heardAt).set(sitting.sitting_id, this.#ports.now())
    const items = changed.rows.map((row) => (row.key === sitting.sitting_id ? sitting : row.item))
    this.#set({ sittings: changed, heardAt, next: nextForPerson(items) })
  }

  async #fetchIncidents(): Promise<void> {
    const sittingId = this.snapshot.chosenSitting
    if (sittingId === null) return
    try {
      const incidents = await this.#ports.fetchIncidents(sittingId)
      if (this.snapshot.chosenSitting !== sittingId) return
      this.#set({ incidents: this.snapshot.incidents.replaceAll(incidents), incidentsLoaded: true })
    } catch (failure) {
      if (this.snapshot.chosenSitting === sittingId) this.#set({ failure })
    }
  }

  #set(change: Partial<BoardSnapshot>): void {
    this.publish({ ...this.snapshot, ...change })
  }
}

/** The sitting's elapsed time now: what the server said, plus the time since. */
export function elapsedMs(sitting: SittingSummary, heardAt: number | undefined, now: number): number | null {
  if (sitting.elapsed_ms === null) return null
  const since = sitting.state === 'running' && heardAt !== undefined ? Math.max(0, now - heardAt) : 0
  return sitting.elapsed_ms + since
}
