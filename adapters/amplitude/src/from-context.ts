import type { JsonObject } from '@waymark/core'
import { put } from '@waymark/kit'
import { sinksOf } from './library.ts'
import { CONTEXT, PLACE } from './mapping.ts'

/** What Amplitude has an SDK write in place of an address that the SDK does not know. */
const REMOTE = '$remote'

/** Where it happened, as an event of Amplitude's says it. `ip`: what `$remote` stands for. */
export function contextOf(wire: Record<string, unknown>, ip: string | undefined): JsonObject {
  const context: Record<string, unknown> = {}
  for (const [path, field] of Object.entries(CONTEXT)) {
    const value = field === 'ip' && wire[field] === REMOTE ? ip : wire[field]
    if (typeof value === 'string' && value !== '') put(context, withoutContext(path), value)
  }
  for (const [path, field] of Object.entries(PLACE)) {
    if (typeof wire[field] === 'number') put(context, withoutContext(path), wire[field])
  }
  const session = wire['session_id']
  if (typeof session === 'number' && session > 0) context['sessionId'] = session
  const library = wire['library']
  if (typeof library === 'string' && library !== '' && sinksOf(library).length === 0) context['library'] = libraryOf(library)
  return context as JsonObject
}

/** `amplitude-ts/2.47.0` */
function libraryOf(text: string): JsonObject {
  const [name = text, ...version] = text.split('/')
  return version.length === 0 ? { name } : { name, version: version.join('/') }
}

function withoutContext(path: string): string {
  return path.replace(/^context\./, '')
}
