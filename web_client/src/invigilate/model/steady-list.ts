/** A row and the section under which it was last put in order. */
export interface Row<Item> {
  readonly key: string
  readonly item: Item
  readonly section: string
}

export interface Ordering<Item> {
  readonly key: (item: Item) => string
  readonly section: (item: Item) => string
  /** Negative when `a` comes first. */
  readonly compare: (a: Item, b: Item) => number
}

/**
 * A list whose rows change in place at once, but are put in order only while nobody holds it: nothing moves under a
 * pointer or under the focus. Immutable; every change gives a new list.
 */
export class SteadyList<Item> {
  readonly rows: readonly Row<Item>[]
  readonly held: boolean
  readonly #ordering: Ordering<Item>

  private constructor(ordering: Ordering<Item>, rows: readonly Row<Item>[], held: boolean) {
    this.#ordering = ordering
    this.rows = rows
    this.held = held
  }

  static empty<Item>(ordering: Ordering<Item>): SteadyList<Item> {
    return new SteadyList(ordering, [], false)
  }

  /** How many rows stand elsewhere than they would if the list were put in order now. */
  get pending(): number {
    const sorted = this.#sorted()
    return this.rows.filter(
      (row, index) => sorted[index]?.key !== row.key || row.section !== this.#ordering.section(row.item),
    ).length
  }

  get(key: string): Item | undefined {
    return this.rows.find((row) => row.key === key)?.item
  }

  /** Adds an item, at the end while held, or renews it in place. */
  put(item: Item): SteadyList<Item> {
    const key = this.#ordering.key(item)
    const known = this.rows.some((row) => row.key === key)
    const rows = known
      ? this.rows.map((row) => (row.key === key ? { ...row, item } : row))
      : [...this.rows, { key, item, section: this.#ordering.section(item) }]
    return this.#next(rows)
  }

  /** Takes an item out; while held its row stays where a hand may be about to press. */
  drop(key: string): SteadyList<Item> {
    return this.held ? this : this.#next(this.rows.filter((row) => row.key !== key))
  }

  /** Makes the list hold exactly these items. */
  replaceAll(items: readonly Item[]): SteadyList<Item> {
    const keys = new Set(items.map(this.#ordering.key))
    const kept = this.held ? this.rows : this.rows.filter((row) => keys.has(row.key))
    let list = new SteadyList(this.#ordering, kept, this.held)
    for (const item of items) list = list.put(item)
    return list.#next(list.rows)
  }

  hold(): SteadyList<Item> {
    return this.held ? this : new SteadyList(this.#ordering, this.rows, true)
  }

  release(): SteadyList<Item> {
    return this.held ? new SteadyList(this.#ordering, this.#sorted(), false) : this
  }

  /** Puts the rows in order now, held or not: the person asked for it. */
  settle(): SteadyList<Item> {
    return new SteadyList(this.#ordering, this.#sorted(), this.held)
  }

  #next(rows: readonly Row<Item>[]): SteadyList<Item> {
    const list = new SteadyList(this.#ordering, rows, this.held)
    return this.held ? list : list.settle()
  }

  #sorted(): Row<Item>[] {
    return this.rows
      .map((row) => ({ ...row, section: this.#ordering.section(row.item) }))
      .toSorted((a, b) => this.#ordering.compare(a.item, b.item))
  }
}
