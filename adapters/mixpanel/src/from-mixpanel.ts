import type { CanonicalEvent } from '@waymark/core'
import { isObject, parseEvent } from '@waymark/core'
import { jsonBytes, type Mapping, type Reading, remapped, unsafe } from '@waymark/kit'
import { INCOMING_BYTES } from './limits.ts'

/** What is known about a row from the request or export it came in. */
export interface Arrival {
  readonly source: string
  readonly receivedAt: number
  readonly groupKey: string
  readonly mapping?: Mapping | undefined
  /** The tag of our own sink. */
  readonly echo?: string | undefined
  /** A message id for rows that have nothing to make one of. */
  id(): string
}

/** What a row says, before it is judged: the fields of a canonical event, or why there is none. */
export type Said = Readonly<Record<string, unknown>> | { readonly reason: string } | 'ignored'

/** The largest single row that is taken in: Mixpanel's own limit of 1 MB, in its larger reading. */
const ROW_BYTES = INCOMING_BYTES / 10

/** Reads one row into the events it stands for. A reason comes back, never an exception. */
export function readRow(row: unknown, arrival: Arrival, say: (row: Record<string, unknown>) => readonly Said[]): readonly Reading[] {
  if (!isObject(row)) return [{ kind: 'rejected', reason: 'a row is a JSON object', raw: row }]
  const danger = unsafe(row) ?? tooLarge(row)
  if (danger !== undefined) return [{ kind: 'rejected', reason: danger, raw: gist(row) }]
  return say(row).map((said): Reading => {
    if (said === 'ignored') return { kind: 'ignored' }
    if ('reason' in said) return { kind: 'rejected', reason: String(said['reason']), raw: withoutToken(row) }
    const parsed = parseEvent(said, arrival)
    if (!parsed.ok) return { kind: 'rejected', reason: parsed.reason, raw: withoutToken(row) }
    const { value: event, leftOut } = parsed
    return remapped({ kind: 'event', event, ...(leftOut === undefined ? {} : { leftOut }) }, arrival.mapping?.incoming)
  })
}

export function isEcho(tags: unknown, echo: string | undefined): boolean {
  return echo !== undefined && Array.isArray(tags) && tags.includes(echo)
}

/** Ids of an event, those that are missing left out. */
export function withIds(ids: { readonly userId?: string | undefined; readonly anonymousId?: string | undefined }): Partial<CanonicalEvent> {
  return { ...(ids.userId === undefined ? {} : { userId: ids.userId }), ...(ids.anonymousId === undefined ? {} : { anonymousId: ids.anonymousId }) }
}

function tooLarge(row: Record<string, unknown>): string | undefined {
  const bytes = jsonBytes(row)
  return bytes > ROW_BYTES ? `it has ${bytes} bytes; a row may have ${ROW_BYTES}` : undefined
}

/** The token lets others in, and stays out of what people look at. */
function withoutToken({ $token: _, ...row }: Record<string, unknown>): Record<string, unknown> {
  if (!isObject(row['properties'])) return row
  const { token: __, ...properties } = row['properties']
  return { ...row, properties }
}

/** What tells a row apart, where the whole of it cannot be kept. */
function gist(row: Record<string, unknown>): Record<string, unknown> {
  const properties = isObject(row['properties']) ? row['properties'] : {}
  const fields = { event: row['event'], $distinct_id: row['$distinct_id'], distinct_id: properties['distinct_id'], $insert_id: properties['$insert_id'] }
  return Object.fromEntries(Object.entries(fields).flatMap(([field, value]) => (typeof value === 'string' ? [[field, value.slice(0, 200)]] : [])))
}
