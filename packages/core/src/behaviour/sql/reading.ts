import { comment } from './literal.ts'
import type { Query } from './query.ts'
import { select } from './select.ts'

/**
 * For which profiles, and at which moments, conditions are read. Either every profile once at one moment, or each row of a
 * relation of moments: `profile`, `moment`, and `upto`, the place of the newest event that is taken in.
 */
export type Frame = { readonly kind: 'now'; readonly moment: string } | { readonly kind: 'moments'; readonly relation: string }

/** The reading of conditions in a frame: what they need is collected first, and becomes relations when it is built. */
export interface Reading {
  readonly query: Query
  readonly frame: Frame
  /** The moment of a row, as SQL. */
  readonly moment: string
  /** An aggregate of the events that a row takes in. */
  seen(aggregate: string, name: string): string
  /** An aggregate of the events that pass `only`, which may also read what `seen` gave. */
  inWindow(aggregate: string, name: string, only: string): string
  /** A relation with what one more thing needs, by profile. */
  join(relation: string, on?: string): void
  /** A column of what was aggregated and joined, once by its name. */
  column(name: string, sql: () => string, note?: string): string
  /** A column of those columns, once by its name. */
  derived(name: string, sql: () => string, note: string): string
  /** The relation with all columns, one row per profile or moment. */
  build(): string
  /** Names of the columns that tell one row from another. */
  readonly keys: readonly string[]
}

export function createReading(query: Query, frame: Frame, prefix: string): Reading {
  const { source } = query
  const isNow = frame.kind === 'now'
  const keys = isNow ? ['profile'] : ['profile', 'moment', 'upto']
  const seen = new Map<string, string>()
  const windows = new Map<string, string>()
  const inWindow = new Set<string>()
  const joins = new Map<string, string>()
  const columns = new Map<string, string>()
  const derived = new Map<string, string>()

  function named(columns: Map<string, string>, expression: string, name: string): string {
    const there = columns.get(expression)
    if (there !== undefined) return there
    const names = new Set([...seen.values(), ...windows.values()])
    let fresh = name
    for (let count = 2; names.has(fresh); count += 1) fresh = `${name}_${count}`
    columns.set(expression, fresh)
    return fresh
  }

  /** What it is made of is defined before it is. */
  function define(defined: Map<string, string>, name: string, sql: () => string, note: string | undefined): string {
    if (!defined.has(name)) defined.set(name, `${note === undefined ? '' : `${comment(note)}\n`}${sql()} AS ${name}`)
    return name
  }

  function buildSeen(): string {
    const name = `${prefix}seen`
    const aggregates = [...seen].map(([expression, column]) => `${expression} AS ${column}`)
    const body = isNow
      ? select({ columns: ['profile', ...aggregates], from: source.from, where: source.where, groupBy: ['profile'] })
      : select({
          columns: ['m.profile', 'm.moment', 'm.upto', ...aggregates],
          from: `${frame.relation} AS m JOIN ${source.from} AS e ON e.profile = m.profile AND e.place <= m.upto`,
          groupBy: ['m.profile', 'm.moment', 'm.upto'],
        })
    query.add(name, body)
    return name
  }

  function buildWindows(base: string): string {
    const name = `${prefix}windows`
    const only = inWindow.size === 1 ? [...inWindow].join('') : [...inWindow].map((one) => `(${one})`).join(' OR ')
    const where = source.where === undefined ? only : `${source.where} AND (${only})`
    query.add(
      name,
      select({
        columns: [...keys.map((key) => `s.${key}`), ...[...windows].map(([expression, column]) => `${expression} AS ${column}`)],
        from: `${base} AS s JOIN ${source.from} AS e ON e.profile = s.profile${isNow ? '' : ' AND e.place <= s.upto'}`,
        where,
        groupBy: keys.map((key) => `s.${key}`),
      }),
    )
    return name
  }

  return {
    query,
    frame,
    keys,
    moment: isNow ? frame.moment : 's.moment',
    seen: (aggregate, name) => named(seen, aggregate, name),
    inWindow(aggregate, name, only) {
      inWindow.add(only)
      return named(windows, aggregate, name)
    },
    join(relation, on) {
      joins.set(relation, `${relation}.profile = s.profile${on === undefined ? '' : ` AND ${on}`}`)
    },
    column: (name, sql, note) => define(columns, name, sql, note),
    derived: (name, sql, note) => define(derived, name, sql, note),
    build() {
      const base = buildSeen()
      const from = [`${base} AS s`]
      if (windows.size > 0) from.push(`LEFT JOIN ${buildWindows(base)} AS w ON ${keys.map((key) => `w.${key} = s.${key}`).join(' AND ')}`)
      for (const [relation, on] of joins) from.push(`LEFT JOIN ${relation} ON ${on}`)
      let last = `${prefix}truths`
      query.add(last, select({ columns: [...keys.map((key) => `s.${key} AS ${key}`), ...columns.values()], from: from.join('\n  ') }))
      for (const [name, column] of derived) {
        const next = `${prefix}with_${name}`
        query.add(next, select({ columns: ['*', column], from: last }))
        last = next
      }
      return last
    },
  }
}
