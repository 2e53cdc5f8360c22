import { isObject } from '@waymark/core'
import { sha256 } from '@waymark/kit'

const MEMBERSHIP: Readonly<Record<string, boolean>> = { 'Audience Entered': true, 'Audience Exited': false }

/**
 * What Engage computed, as traits of the user: an audience is a trait that is true or false, a computed trait its value. Segment sends it as
 * an identify or as a track, and once for each identifier of a user; so the id is made of what it says, and of whom. Anything else stays as it is.
 */
export function withComputed(message: Record<string, unknown>, source: string): Record<string, unknown> {
  const personas = isObject(message['context']) ? message['context']['personas'] : undefined
  const traits = traitsOf(message, isObject(personas) ? personas : undefined)
  if (traits === undefined) return message
  const { event: _event, properties: _properties, ...rest } = message
  const who = message['userId'] ?? message['anonymousId']
  return { ...rest, type: 'identify', traits, messageId: sha256(JSON.stringify([source, who, traits, message['timestamp'] ?? null])) }
}

function traitsOf(message: Record<string, unknown>, personas: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  const { type, event, properties } = message
  if (type === 'identify') return personas !== undefined && isObject(message['traits']) ? message['traits'] : undefined
  if (type !== 'track' || typeof event !== 'string' || !isObject(properties)) return undefined
  const isMember = MEMBERSHIP[event]
  const key = (isMember === undefined ? properties['trait_key'] : properties['audience_key']) ?? personas?.['computation_key']
  if (typeof key !== 'string') return undefined
  if (isMember !== undefined) return { [key]: isMember }
  return event === 'Trait Computed' ? { [key]: properties[key] ?? null } : undefined
}
