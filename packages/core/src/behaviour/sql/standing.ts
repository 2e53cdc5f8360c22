import type { Inactive, Occurrence, TraitIs } from '../ast.ts'
import { ANY_ACTIVITY } from '../ast.ts'
import { passes, passesMissing, propertyOf } from './property.ts'
import type { Reading } from './reading.ts'

export function readInactive({ for: length }: Inactive, reading: Reading): string {
  const { dialect, source } = reading.query
  const active = source.matches({ event: ANY_ACTIVITY, where: [] })
  return `(${reading.moment} >= ${reading.seen(dialect.aggregateIf('MAX', 'ts', active), 'last_active')} + ${length})`
}

export function readOccurrence(occurrence: Occurrence, reading: Reading): string {
  const { which, match, test } = occurrence
  const { dialect, source } = reading.query
  const matches = source.matches(match)
  const passed = source.value(matches, `COALESCE(${passes(dialect, test, propertyOf(dialect, 'properties', test.property))}, FALSE)`, 'passes')
  return `COALESCE(${reading.seen(dialect.pickIf(which, passed, matches, source.order), `${reading.query.nameOf(occurrence)}_passes`)}, FALSE)`
}

/**
 * Traits are what the newest `identify` that carries a key says of it. A dotted name is a key of its own if it was ever carried,
 * else a path that starts at its first part.
 */
export function readTrait(condition: TraitIs, reading: Reading): string {
  const { test } = condition
  const { dialect, source } = reading.query
  const name = `${reading.query.nameOf(condition)}_passes`
  const [head = '', ...rest] = test.property.split('.')
  const picks = [newest(test.property, dialect.field('traits', test.property))]
  if (rest.length > 0) picks.push(newest(head, rest.reduce(dialect.field, dialect.field('traits', head))))
  return `COALESCE(${[...picks, passesMissing(test) ? 'TRUE' : 'FALSE'].join(', ')})`

  function newest(key: string, value: string): string {
    const identifies = source.flag("type = 'identify'", 'is')
    const passed = `CASE WHEN ${dialect.hasField('traits', key)} THEN COALESCE(${passes(dialect, test, value)}, FALSE) END`
    return reading.seen(dialect.pickIf('last', source.value(identifies, passed, 'passes'), identifies, source.order), name)
  }
}
