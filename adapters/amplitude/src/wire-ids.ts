import { isBanned } from './ids.ts'
import { NAMED } from './mapping.ts'

/** Why Amplitude refuses an event, in its own words: which field, and in which of its lists the event is named. */
export interface Fault {
  readonly kind: 'invalid' | 'missing' | 'id length'
  readonly field: string
  readonly reason: string
}

export interface WireIds {
  readonly own: { readonly userId?: string; readonly anonymousId?: string }
  /** Ids that stand for nobody, each with the reason. */
  readonly leftOut: readonly string[]
}

/** Who an event is about: ids that are banned or too short are left out, and the event is refused when none is left. */
export function idsOf(wire: Record<string, unknown>, minIdLength: number): WireIds | Fault {
  const leftOut: string[] = []
  let fault: Fault | undefined
  const read = (field: 'user_id' | 'device_id'): string | undefined => {
    const value = wire[field]
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'string' && typeof value !== 'number') {
      fault ??= { kind: 'invalid', field, reason: `${field}: expected text` }
      return undefined
    }
    const id = String(value)
    const short = id.length < minIdLength
    if (!short && !isBanned(id)) return id
    const reason = `${field}: ${JSON.stringify(id).slice(0, 80)} ${short ? `is shorter than ${minIdLength} characters` : 'stands for nobody'}`
    leftOut.push(reason)
    fault ??= { kind: short ? 'id length' : 'invalid', field, reason }
    return undefined
  }
  const userId = read('user_id')
  const anonymousId = read('device_id')
  const isNobodys = userId === undefined && anonymousId === undefined && wire['event_type'] !== NAMED.group
  if (isNobodys) return fault ?? { kind: 'missing', field: 'user_id', reason: 'no user_id and no device_id: one of them is needed' }
  return { own: { ...(userId === undefined ? {} : { userId }), ...(anonymousId === undefined ? {} : { anonymousId }) }, leftOut }
}
