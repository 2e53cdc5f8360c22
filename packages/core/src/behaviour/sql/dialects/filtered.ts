import type { Dialect } from '../dialect.ts'

type Aggregates = Pick<Dialect, 'countIf' | 'aggregateIf' | 'distinctIf'>

/** Aggregates leave NULL out. */
export const guarded: Aggregates = {
  countIf: (condition) => `COUNT(CASE WHEN ${condition} THEN 1 END)`,
  aggregateIf: (aggregate, value, condition) => `${aggregate}(CASE WHEN ${condition} THEN ${value} END)`,
  distinctIf: (value, condition) => `COUNT(DISTINCT CASE WHEN ${condition} THEN ${value} END)`,
}

/**
 * Where aggregates take a filter. It does not keep what is aggregated from being worked out for every row, so that it
 * stands only where that is a column.
 */
export const filtered: Aggregates = {
  ...guarded,
  countIf: (condition) => `COUNT(*) FILTER (WHERE ${condition})`,
  aggregateIf: (aggregate, value, condition) =>
    /^\w+$/.test(value) ? `${aggregate}(${value}) FILTER (WHERE ${condition})` : guarded.aggregateIf(aggregate, value, condition),
}
