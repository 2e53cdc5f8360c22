import type { Sequence } from '../ast.ts'
import type { Query } from './query.ts'
import type { Reading } from './reading.ts'
import { select } from './select.ts'

/** True from its last step on, for good: whether that step is among what a row takes in. */
export function readSequence(sequence: Sequence, reading: Reading): string {
  const relation = reading.query.once('sequence', JSON.stringify(sequence), (name) => build(sequence, name, reading.query))
  reading.join(relation)
  return reading.frame.kind === 'now' ? `(${relation}.done IS NOT NULL)` : `COALESCE(${relation}.done <= s.upto, FALSE)`
}

/**
 * Of all paths that reached a step only the one that began last can still win. So one window a step is enough: the newest start
 * of the step before, among the rows before this one. It is lost when what must not happen came after the row that reached it.
 */
function build({ steps, within, without = [] }: Sequence, name: string, { source, add }: Query): void {
  const last = steps.length
  const marks = steps.map((step, index) => ({ name: `step_${index + 1}`, sql: source.matches(step) }))
  const bars = steps.map((_, index) => {
    const matches = without.filter(({ after }) => after === index).map((match) => `(${source.matches(match)})`)
    return matches.length === 0 ? undefined : { name: `bar_${index + 1}`, sql: matches.join(' OR ') }
  })
  const isBarred = bars.some((bar) => bar !== undefined)
  const order = source.isPlaced || isBarred ? ['place'] : source.order
  const places = source.isPlaced
    ? ['place']
    : isBarred
      ? [`ROW_NUMBER() OVER (PARTITION BY profile ORDER BY ${source.order.join(', ')}) AS place`]
      : ['message_id']
  const all = [...marks, ...bars.filter((bar) => bar !== undefined)]
  const any = [...new Set(all.map(({ sql }) => `(${sql})`))].join(' OR ')

  let relation = `${name}_start_1`
  add(
    relation,
    select({
      columns: ['profile', 'ts', ...places, ...all.map((mark) => `(${mark.sql}) AS ${mark.name}`), `CASE WHEN ${marks[0]?.sql} THEN ts END AS start_1`],
      from: source.from,
      where: source.where === undefined ? any : `${source.where} AND (${any})`,
    }),
  )
  for (let step = 2; step <= last; step += 1) {
    const next = `${name}_start_${step}`
    const before = (value: string) => `MAX(${value}) OVER (PARTITION BY profile ORDER BY ${order.join(', ')} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`
    const bar = bars[step - 2]
    const reached = before(`CASE WHEN start_${step - 1} IS NOT NULL THEN place END`)
    const lost = bar === undefined ? '' : `\n    AND ${reached} >= COALESCE(${before(`CASE WHEN ${bar.name} THEN place END`)}, 0)`
    add(next, select({ columns: ['*', `CASE\n  WHEN step_${step}${lost}\n  THEN ${before(`start_${step - 1}`)}\nEND AS start_${step}`], from: relation }))
    relation = next
  }
  const inTime = within === undefined ? `start_${last} IS NOT NULL` : `ts - start_${last} < ${within}`
  add(name, select({ columns: ['profile', `MIN(${order[0]}) AS done`], from: relation, where: inTime, groupBy: ['profile'] }))
}
