import type { Json } from '../../json.ts'
import type { PropertyTest } from '../ast.ts'
import type { Dialect } from './dialect.ts'
import { number } from './literal.ts'

const ORDER = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/** A property by its name, or by a dotted path where no property has that very name. */
export function propertyOf(dialect: Dialect, object: string, name: string): string {
  const own = dialect.field(object, name)
  if (!name.includes('.')) return own
  return `CASE WHEN ${dialect.hasField(object, name)} THEN ${own} ELSE ${name.split('.').reduce(dialect.field, object)} END`
}

/** Whether a JSON value passes a test: true, or else false or NULL. */
export function passes(dialect: Dialect, test: PropertyTest, value: string): string {
  const { is, value: operand } = test
  const equals = (one: Json | undefined) => (one === null || one === undefined ? undefined : dialect.equals(value, one))
  switch (is) {
    case 'eq':
      return equals(operand) ?? 'FALSE'
    case 'ne':
      return operand === null ? dialect.isPresent(value) : `NOT COALESCE(${equals(operand)}, FALSE)`
    case 'in': {
      const any = (operand as readonly Json[]).flatMap((one) => equals(one) ?? [])
      return any.length === 0 ? 'FALSE' : any.length === 1 ? (any[0] as string) : `(${any.join(' OR ')})`
    }
    case 'exists':
      return operand === false ? `NOT ${dialect.isPresent(value)}` : dialect.isPresent(value)
    case 'contains': {
      const inList = dialect.someItem(value, (item) => (operand === null ? dialect.isNull(item) : dialect.equals(item, operand)))
      return typeof operand === 'string' ? `(${dialect.includes(dialect.asText(value), operand)} OR ${inList})` : inList
    }
    default:
      return typeof operand === 'string'
        ? `${dialect.asText(value)} ${ORDER[is]} ${dialect.text(operand)}`
        : `${dialect.asNumber(value)} ${ORDER[is]} ${number(operand as number)}`
  }
}

/** What the test makes of a property that is not there. */
export function passesMissing({ is, value }: PropertyTest): boolean {
  return (is === 'ne' && value !== null) || (is === 'exists' && value === false)
}
