import { WaymarkError } from '../../errors.ts'
import type { Segment } from '../../segment.ts'
import type { Holding, Predicate } from '../ast.ts'
import type { Dialect } from './dialect.ts'
import { comment } from './literal.ts'
import { indent, type Relation } from './select.ts'
import type { Source } from './source.ts'

/** Relations of what holds from a moment on, until the next row's: made when they are first asked for. */
export interface Timelines {
  /** `profile`, `moment`, `upto`, `value`, `next_moment`, `next_upto`. */
  holding(holding: Holding): string
  /** `profile`, `moment`, `upto`, `member`, `since`, `next_moment`, `next_upto`. */
  since(segment: Segment): string
}

/** A query in the making: the relations it is built of, each named once, in an order in which each comes after those it reads. */
export interface Query {
  readonly dialect: Dialect
  readonly source: Source
  readonly timelines: Timelines
  /** Nothing later than this is looked at; undefined for all there is. */
  readonly until: string | undefined
  segment(id: string): Segment
  /** Adds a relation. */
  add(name: string, body: string, note?: string): void
  /** The name of a relation that is built once, however often it is asked for. */
  once(kind: string, key: string, build: (name: string) => void): string
  /** The name of what a predicate is read into, the same in every reading. */
  nameOf(predicate: Predicate): string
  render(final: string): string
}

export function createQuery(
  dialect: Dialect,
  source: Source,
  segments: readonly Segment[],
  until: string | undefined,
  timelinesOf: (query: Query) => Timelines,
): Query {
  const relations: Relation[] = []
  const built = new Map<string, string>()
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  const fresh = (kind: string) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return `${kind}_${counts.get(kind)}`
  }
  const query: Query = {
    dialect,
    source,
    until,
    // The readings of conditions ask for timelines, which are themselves readings of conditions.
    get timelines() {
      return timelines
    },
    segment(id) {
      const found = segments.find((segment) => segment.id === id)
      if (found === undefined) throw new WaymarkError('SEGMENT_UNKNOWN', `there is no segment '${id}'`)
      return found
    },
    add(name, body, note) {
      relations.push({ name, body, ...(note === undefined ? {} : { note }) })
    },
    once(kind, key, build) {
      const id = `${kind} ${key}`
      const there = built.get(id)
      if (there !== undefined) return there
      const name = fresh(kind)
      built.set(id, name)
      build(name)
      return name
    },
    nameOf(predicate) {
      const key = JSON.stringify(predicate)
      const name = names.get(key) ?? fresh(KINDS[predicate.kind])
      names.set(key, name)
      return name
    },
    render(final) {
      const all = [...source.relations(), ...relations]
      const { materialized } = dialect
      // Read more than once, a relation that is read off others would be worked out again and again, and each of those for each of it.
      const isDeep = materialized !== undefined && relations.some(({ name }) => name.endsWith('moments'))
      const bodies = [...all.map(({ body }) => body), final].join('\n')
      const isShared = (name: string) => isDeep && bodies.split(new RegExp(`\\b${name}\\b(?!\\.)`)).length > 2
      const withs = all.map(({ name, body, note }) => {
        const keyword = isShared(name) ? materialized?.keyword : ''
        return `${note === undefined ? '' : `${comment(note)}\n`}${name} AS ${keyword}(\n${indent(body)}\n)`
      })
      const settings = [...(dialect.settings ?? []), ...(isDeep ? [materialized.setting] : [])]
      const lines = [...(withs.length === 0 ? [] : [`WITH ${withs.join(',\n')}`]), final, ...(settings.length === 0 ? [] : [`SETTINGS ${settings.join(', ')}`])]
      return lines.join('\n')
    },
  }
  const timelines = timelinesOf(query)
  return query
}

const KINDS: Record<Predicate['kind'], string> = {
  did: 'did',
  sequence: 'in_sequence',
  occurrence: 'occurrence',
  inactive: 'inactive',
  trait: 'trait',
  inSegment: 'in_segment',
}
