import type { WarehouseTable } from '@waymark/core'

/** `integer` holds epoch milliseconds; `json` is the engine's own type for JSON. */
export interface WarehouseColumn {
  readonly name: string
  readonly kind: 'text' | 'integer' | 'json'
}

const OWNED: readonly WarehouseColumn[] = columns('text', 'profile', 'source', 'message_id', 'user_id', 'anonymous_id').concat(
  columns('integer', 'ts'),
  columns('text', 'day'),
)

/** The tables of a warehouse as `EventRow`, `DecisionRow` and `MembershipRow` of core describe them. New columns come last. */
export const WAREHOUSE_TABLES: Readonly<Record<WarehouseTable, readonly WarehouseColumn[]>> = {
  events: [
    ...OWNED,
    ...columns('text', 'type', 'event', 'name', 'previous_id', 'group_id'),
    ...columns('integer', 'received_at'),
    ...columns('json', 'properties', 'traits', 'context', 'integrations'),
  ],
  memberships: [...OWNED, ...columns('text', 'segment', 'member')],
  decisions: [...OWNED, ...columns('text', 'rule', 'outcome', 'guard', 'key'), ...columns('json', 'properties')],
}

function columns(kind: WarehouseColumn['kind'], ...names: readonly string[]): readonly WarehouseColumn[] {
  return names.map((name) => ({ name, kind }))
}
