import { isObject } from '@waymark/core'
import type { Arrival, Found } from './from-amplitude.ts'
import { fromAmplitude } from './from-amplitude.ts'
import { EXPORTED } from './mapping.ts'

/** Reads one line of an export, or one event of a webhook: the same fields under other names, and times as text without a zone. */
export function fromExport(line: unknown, arrival: Arrival): Found {
  if (!isObject(line)) return fromAmplitude(line, arrival)
  const wire: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(line)) {
    // What an event does not have is null there.
    if (value === null || Object.hasOwn(EXPORTED, field)) continue
    wire[field] = value
  }
  for (const [field, ours] of Object.entries(EXPORTED)) if (line[field] !== undefined && line[field] !== null) wire[ours] ??= line[field]
  wire['insert_id'] ??= line['uuid']
  // It has a language's name, where all else has its code.
  if (!/^[a-z]{2,3}([-_]|$)/i.test(String(wire['language'] ?? ''))) delete wire['language']
  const time = utc(line['event_time'] ?? line['client_event_time'])
  return fromAmplitude({ ...wire, ...(time === undefined ? {} : { time }) }, { ...arrival, snapshot: true })
}

/** `2025-07-17 10:36:28.583000` is UTC, though it does not say so; a time that names its zone is taken at its word. Undefined when it is none. */
export function utc(time: unknown): number | undefined {
  if (typeof time === 'number') return time
  if (typeof time !== 'string') return undefined
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(time)
  const at = Date.parse(hasZone ? time : `${time.replace(' ', 'T').replace(/(\.\d{3})\d+$/, '$1')}Z`)
  return Number.isNaN(at) ? undefined : at
}
