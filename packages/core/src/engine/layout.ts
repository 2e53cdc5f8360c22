import { NEVER, NONE } from '../behaviour/evaluate/moment.ts'
import type { Blueprint } from '../behaviour/evaluate/predicate.ts'
import { TRUTHS_A_CELL } from './cells.ts'

/** Where the cells of something begin. */
export interface Place {
  readonly page: number
  readonly cell: number
}

/** Where a truth stands: two bits of a cell. */
export interface TruthPlace extends Place {
  readonly shift: number
}

/** What is laid out: something that keeps cells, and perhaps a truth and lists. Those with the same key are touched by the same events. */
export interface Unit {
  readonly key: string
  readonly fresh: readonly number[]
  readonly lists: number
  readonly hasTruth: boolean
  /** Whether time alone may change something about it. */
  readonly isTimed: boolean
}

export interface Placed extends Place {
  readonly list: number
  readonly truth: TruthPlace
  /** The cell, on the same page, of the moment at which time alone next changes something about it. */
  readonly timer: number
}

/** The timers of a page stand side by side: the cells from one place to before another. */
export interface Timers {
  readonly from: number
  readonly to: number
}

export interface Layout {
  /** One per unit, in order. */
  readonly places: readonly Placed[]
  /** The pages of a profile to which nothing has happened, but for the truths. */
  readonly templates: number[][]
  /** By page. */
  readonly timers: readonly Timers[]
}

/** A page is copied whole when one of its cells changes, so there is a width at which another begins; in cells. */
const PAGE_WIDTH = 96

/** What an event does not touch is neither read nor copied: units stand together by what they hear, and groups share a page while they fit. */
export function layOut(units: readonly Unit[]): Layout {
  const groups = new Map<string, { readonly unit: Unit; readonly index: number }[]>()
  units.forEach((unit, index) => {
    const group = groups.get(unit.key)
    if (group === undefined) groups.set(unit.key, [{ unit, index }])
    else group.push({ unit, index })
  })
  // Page 0 is copied at every event: what hears every activity belongs there.
  const keys = [...groups.keys()].sort((a, b) => Number(b === ACTIVITY) - Number(a === ACTIVITY))
  const pages: { readonly unit: Unit; readonly index: number }[][] = [[]]
  let width = 0
  for (const key of keys) {
    const group = groups.get(key) ?? []
    const needed = group.reduce((sum, { unit }) => sum + unit.fresh.length + Number(unit.isTimed), 0)
    if (width > 0 && width + needed > PAGE_WIDTH) {
      pages.push([])
      width = 0
    }
    pages.at(-1)?.push(...group)
    width += needed
  }

  const places: Placed[] = []
  const templates: number[][] = []
  const timers: Timers[] = []
  let lists = 0
  for (const [page, members] of pages.entries()) {
    const cells = page === 0 ? [NONE, NONE, 0, NONE, ...pages.map(() => NEVER)] : []
    const truths = cells.length
    const count = members.filter(({ unit }) => unit.hasTruth).length
    for (let word = 0; word < Math.ceil(count / TRUTHS_A_CELL); word += 1) cells.push(0)
    const from = cells.length
    for (const { unit } of members) if (unit.isTimed) cells.push(NEVER)
    timers.push({ from, to: cells.length })
    let timer = from
    let truth = 0
    for (const { unit, index } of members) {
      const at = { page, cell: truths + Math.floor(truth / TRUTHS_A_CELL), shift: (truth % TRUTHS_A_CELL) * 2 }
      places[index] = { page, cell: cells.length, list: lists, truth: at, timer }
      cells.push(...unit.fresh)
      lists += unit.lists
      if (unit.hasTruth) truth += 1
      if (unit.isTimed) timer += 1
    }
    templates.push(cells)
  }
  return { places, templates, timers }
}

/** What hears every activity. */
const ACTIVITY = 'activity'

/** The key of what hears the same. */
export function keyOf({ hears }: Blueprint): string {
  return typeof hears === 'string' ? hears : `events:${JSON.stringify([...hears.events].sort())}`
}
