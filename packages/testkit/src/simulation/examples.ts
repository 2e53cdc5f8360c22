import {
  type CanonicalEvent,
  type EventMatch,
  type Json,
  type JsonObject,
  type PropertyTest,
  validateEvent,
  type WaymarkConfig,
  WaymarkError,
  walk,
} from '@waymark/core'
import type { Random } from './random.ts'

/** Properties of an event: some to draw from, or a way to draw them. */
export type Examples = Readonly<Record<string, readonly JsonObject[] | ((random: Random) => JsonObject)>>

/** What simulated users do: an event of the plan with properties that fit it. */
export interface Draw {
  readonly events: readonly string[]
  properties(event: string, random: Random): JsonObject
  traits(random: Random): JsonObject
}

/**
 * Draws from the examples given. For an event without any, properties are made from what conditions ask of it; when the plan takes
 * none of these, `EXAMPLES_MISSING` names the event. Traits without examples are none.
 */
export function createDraw(config: WaymarkConfig, examples: Examples, traits: readonly JsonObject[]): Draw {
  const asked = askedOf(config)
  const pools = new Map<string, Examples[string]>()
  for (const event of Object.keys(config.plan.events)) pools.set(event, examples[event] ?? guessed(config, event, asked.get(event) ?? []))
  return {
    events: [...pools.keys()],
    properties(event, random) {
      const pool = pools.get(event) ?? []
      return typeof pool === 'function' ? pool(random) : pool.length === 0 ? {} : random.pick(pool)
    },
    traits: (random) => (traits.length === 0 ? {} : random.pick(traits)),
  }
}

function guessed(config: WaymarkConfig, event: string, asked: readonly (readonly PropertyTest[])[]): readonly JsonObject[] {
  const guesses: JsonObject[] = [{}, ...asked.map((tests) => Object.fromEntries(tests.map(({ property, value }) => [property, exampleOf(value)])))]
  const fitting = guesses.filter((properties) => validateEvent(config.plan, { ...BLANK, event, properties }).ok)
  if (fitting.length > 0) return fitting
  throw new WaymarkError('EXAMPLES_MISSING', `nothing is known of the properties of '${event}'`, {
    place: 'simulate({ examples })',
    mend: `give some that fit the plan: examples: { '${event}': [{ … }] }`,
  })
}

/** `in` asks for one of several. */
function exampleOf(value: Json): Json {
  return Array.isArray(value) ? ((value[0] ?? null) as Json) : value
}

function askedOf({ segments = [], rules = [] }: WaymarkConfig): ReadonlyMap<string, (readonly PropertyTest[])[]> {
  const asked = new Map<string, (readonly PropertyTest[])[]>()
  const hear = ({ event, where }: EventMatch): void => void asked.set(event, [...(asked.get(event) ?? []), where])
  for (const condition of [...segments.flatMap(({ members }) => members.map(({ when }) => when)), ...rules.map(({ when }) => when)]) {
    walk(condition, '', (part) => {
      if (part.kind === 'did') hear(part)
      if (part.kind === 'occurrence') hear({ event: part.match.event, where: [...part.match.where, part.test] })
      if (part.kind === 'sequence') for (const step of part.steps) hear(step)
    })
  }
  return asked
}

const BLANK: CanonicalEvent = {
  type: 'track',
  messageId: '',
  userId: 'u',
  timestamp: 0,
  receivedAt: 0,
  properties: {},
  traits: {},
  context: {},
  integrations: {},
  source: 'simulation',
}
