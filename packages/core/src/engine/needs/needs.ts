import { describe } from '../../behaviour/english.ts'
import type { CanonicalEvent } from '../../event.ts'
import { fingerprint } from '../../hash.ts'
import type { BaseNode, CompiledDefinition, DerivedNode } from '../definition.ts'
import { keepConsent, keepFirstSeen, keepSessions, keepTies, keepTimezone, keepTraits } from './facts.ts'
import { isPassing, keeperOf, type Standing } from './predicates.ts'
import type { Keeper, Stretch } from './stretch.ts'

/** How far back one condition reads the log. */
export interface Reach {
  /** Names what is read, and how: the same name, the same events. */
  readonly name: string
  /** In English. */
  readonly says: string
  /** Who reads it: `segment 'engagement'`, `rule 'tip'`. */
  readonly readBy: readonly string[]
  /** In milliseconds; `Infinity` for what reads all there is. */
  readonly back: number
}

/** What a definition needs of the log. */
export interface Needs {
  /** See `Engine.needless`. */
  needless(events: readonly CanonicalEvent[], horizon: number): readonly boolean[]
  readonly reaches: readonly Reach[]
}

export function createNeeds(definition: CompiledDefinition): Needs {
  const { byEvent, byActivity, byTraits, governance, sessionGap } = definition
  const nodes = [...new Set([...byEvent.values(), byActivity, byTraits].flat())].map((node) => ({ node, standing: standingOf(node) }))
  const slackOf = (kind: BaseNode['predicate']['kind']) =>
    Math.max(0, ...nodes.map(({ node, standing }) => (node.predicate.kind === kind ? standing.slack : 0)))
  const idle = Math.max(0, ...nodes.map(({ node: { predicate }, standing }) => (predicate.kind === 'inactive' ? predicate.for + standing.slack : 0)))
  const keepers: readonly Keeper[] = [
    keepFirstSeen,
    keepTraits(slackOf('trait')),
    keepTimezone,
    keepTies,
    keepConsent(governance.consent),
    ...nodes.map(({ node, standing }) => keeperOf(node.predicate, standing)),
    // The last: what is kept for others need not be kept for this.
    keepSessions(sessionGap, Math.max(idle, sessionGap)),
  ]

  // What holds may have begun between two events of one moment, with a timer of that very moment: then there must be both of them, whatever they are.
  const isReadWhole = nodes.some(({ standing }) => standing.isTimed)

  return {
    needless(events, horizon) {
      const newest = events.at(-1)
      if (newest === undefined || isReadWhole) return events.map(() => false)
      // Nobody is read at a moment before the newest of their events.
      const from = Math.min(horizon, newest.timestamp)
      const old = events.findIndex(({ timestamp }) => timestamp >= from)
      const stretch: Stretch = { events, from, old, kept: events.map((_, index) => index >= old) }
      for (const keep of keepers) keep(stretch)
      return stretch.kept.map((isKept) => !isKept)
    },
    reaches: [...nodes.flatMap(({ node, standing }) => reachOf(node, standing, sessionGap)), categories(definition)],
  }
}

/** Through everything that is read from it. */
function standingOf(node: BaseNode | DerivedNode): Standing {
  let [isWhole, isTimed, slack] = [false, false, 0]
  for (const reader of node.derived) {
    const beyond = standingOf(reader)
    isWhole ||= beyond.isWhole || reader.kind === 'holding'
    isTimed ||= beyond.isTimed
    slack = Math.max(slack, beyond.slack + (reader.kind === 'inSegment' ? reader.for : 0))
  }
  const changesByTime = 'evaluator' in node ? node.isTimed : node.kind === 'inSegment' && node.for > 0
  return { isWhole, isTimed: isTimed || (isWhole && changesByTime), slack }
}

function reachOf(node: BaseNode, standing: Standing, sessionGap: number): readonly Reach[] {
  const { predicate, rules, derived } = node
  const isWhole = standing.isWhole && isPassing(predicate)
  // Of traits the newest are kept whoever asks for them.
  if (predicate.kind === 'trait' && !isWhole) return []
  const window = predicate.kind === 'did' && predicate.window?.anchor === undefined ? predicate.window?.length : undefined
  const length = predicate.kind === 'inactive' ? predicate.for : window
  const readBy = new Set([...derived.flatMap(readersOf), ...rules.map(({ rule }) => `rule '${rule.id}'`)])
  const isOfSessions = predicate.kind === 'did' && (predicate.measure.of === 'sessions' || predicate.across?.sessions !== undefined)
  const name = fingerprint(JSON.stringify([predicate, isOfSessions ? sessionGap : 0]))
  return [
    {
      name: isWhole ? `${WHOLE}${name}` : name,
      says: describe(predicate),
      readBy: [...readBy],
      back: isWhole || length === undefined ? Number.POSITIVE_INFINITY : length + standing.slack,
    },
  ]
}

/** Begins the name of what is read at every moment: whoever has kept that has kept what is read only now. */
export const WHOLE = 'whole:'

/** The nearest that have a name. */
function readersOf(node: DerivedNode): readonly string[] {
  if (node.kind === 'segment') return [`segment '${node.id}'`]
  return [...node.derived.flatMap(readersOf), ...node.rules.map(({ rule }) => `rule '${rule.id}'`)]
}

/** What an answer of long ago meant. */
function categories({ governance: { consent } }: CompiledDefinition): Reach {
  return {
    name: `consent:${fingerprint(JSON.stringify(consent?.categories ?? {}))}`,
    says: 'what people agreed to, under these names of categories',
    readBy: ['governance.consent.categories'],
    back: Number.POSITIVE_INFINITY,
  }
}
