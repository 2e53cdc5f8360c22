import type { CanonicalEvent } from '@waymark/core'
import type { Work } from './pipeline.ts'

/** In bytes: of text each character, as engines keep it at most; a value; a value with its name; and an event or another work with what all of them have. */
const CHARACTER = 2
const VALUE = 16
const NAMED = 32
const WORK = 600
/** Deeper than this no event of good will is. */
const DEEP = 24

/** What a work takes in memory while it waits, about, in bytes; where that is more than `enough`, no more exactly. A third of a microsecond for most. */
export function weightOf(work: Work, enough: number): number {
  return work.kind === 'event' ? WORK + weightOfEvent(work.event, enough) : WORK
}

function weightOfEvent(event: CanonicalEvent, enough: number): number {
  const { messageId, event: name = event.name ?? '', previousId = '', groupId = '' } = event
  const texts = (messageId.length + name.length + previousId.length + groupId.length) * CHARACTER
  const { properties, traits, context, integrations } = event
  return texts + weigh(properties, enough, 0) + weigh(traits, enough, 0) + weigh(context, enough, 0) + weigh(integrations, enough, 0)
}

function weigh(value: unknown, enough: number, depth: number): number {
  if (typeof value === 'string') return VALUE + value.length * CHARACTER
  if (typeof value !== 'object' || value === null) return VALUE
  if (depth === DEEP) return weighDeep(value, enough)
  let weight = VALUE
  if (Array.isArray(value)) for (const one of value) weight += weigh(one, enough, depth + 1)
  else for (const name in value) weight += NAMED + weigh((value as Record<string, unknown>)[name], enough, depth + 1)
  return weight
}

/** With a list of what is still to be looked at, for what is nested thousands deep, or in itself. */
function weighDeep(root: object, enough: number): number {
  const open: unknown[] = [root]
  let weight = 0
  while (open.length > 0 && weight <= enough) {
    const value = open.pop()
    weight += VALUE + NAMED
    if (typeof value === 'string') weight += value.length * CHARACTER
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) open.push(one)
  }
  return weight
}
