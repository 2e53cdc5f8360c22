import { createHash } from 'node:crypto'
import type { JsonObject } from '@waymark/core'
import { isObject } from '@waymark/core'

/*
 * A sink writes its tag on what it sends, and the source of the same plugin drops what carries it: else an event that the vendor
 * sends back would go round for ever.
 */

/** What a sink writes on its events, to know them again. It does not give the key away. */
export function tagOf(key: string): string {
  return sha256(JSON.stringify(['waymark', key])).slice(0, 16)
}

/** The sinks an event has been through. All are kept, so that a longer way round is noticed too. */
export function tagsOf(context: unknown): readonly string[] {
  const mark = isObject(context) ? context['waymark'] : undefined
  const through = isObject(mark) ? mark['through'] : undefined
  return Array.isArray(through) ? through.filter((tag) => typeof tag === 'string') : []
}

export function withTag(context: JsonObject, tag: string): JsonObject {
  return { ...context, waymark: { through: [...tagsOf(context).filter((other) => other !== tag), tag] } }
}

/** SHA-256 in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
