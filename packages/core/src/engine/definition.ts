import type { Condition, Predicate } from '../behaviour/ast.ts'
import { compilePredicate } from '../behaviour/evaluate/compile.ts'
import type { Evaluator } from '../behaviour/evaluate/predicate.ts'
import { FALSE, not, TRUE, type Truth } from '../behaviour/truth.ts'
import { segmentsIn } from '../behaviour/walk.ts'
import { milliseconds } from '../duration.ts'
import { WaymarkError } from '../errors.ts'
import type { Governance } from '../governance.ts'
import { fingerprint } from '../hash.ts'
import type { Purpose } from '../plugin/plugin.ts'
import type { Profile } from '../profile.ts'
import type { Rule } from '../rule.ts'
import type { Segment } from '../segment.ts'

/** What the engine must know of a channel to hold messages back from it. */
export interface ChannelFacts {
  readonly purpose: Purpose
  readonly reach: 'inside' | 'outside'
}

export interface Definition {
  readonly segments: readonly Segment[]
  readonly rules: readonly Rule[]
  readonly governance: Governance
  readonly channels: Readonly<Record<string, ChannelFacts>>
}

/** The truth of a predicate, by its index. */
export type Truths = (predicate: number) => Truth
export type Verdict = (truths: Truths) => Truth

export interface CompiledPredicate {
  readonly predicate: Predicate
  readonly evaluator: Evaluator
  /** Indexes of the segments and rules to look at again when its truth may have changed. */
  readonly segments: number[]
  readonly rules: number[]
}

export interface CompiledSegment {
  readonly id: string
  readonly members: readonly { readonly name: string; readonly when: Verdict; readonly predicates: readonly number[] }[]
  /** `inSegment` predicates that ask for this one. */
  readonly asked: number[]
}

export interface CompiledRule {
  readonly rule: Rule
  readonly when: Verdict
  readonly predicates: readonly number[]
}

/** A definition made ready to run: each distinct predicate once, with who hears what and who depends on it. */
export interface CompiledDefinition {
  readonly fingerprint: string
  readonly governance: Governance
  readonly channels: Definition['channels']
  readonly predicates: readonly CompiledPredicate[]
  /** In an order in which each comes after those it asks for. */
  readonly segments: readonly CompiledSegment[]
  readonly rules: readonly CompiledRule[]
  /** Place of each rule in `rules`. */
  readonly ruleIndex: ReadonlyMap<string, number>
  /** How far back sends can matter to a cap or limit, in milliseconds. */
  readonly horizon: number
  readonly byEvent: ReadonlyMap<string, readonly number[]>
  readonly byActivity: readonly number[]
  readonly byTraits: readonly number[]
}

/** Grows when the engine reads the same definition or keeps its states differently, so that profiles are rebuilt. */
const ENGINE_VERSION = 1

/** How every predicate stands at a moment no earlier than the profile's newest input. */
export function truthsAt(definition: CompiledDefinition, profile: Profile, at: number): Truths {
  return (index) => definition.predicates[index]?.evaluator.truth(profile.states[index] ?? null, at, profile) ?? FALSE
}

export function compileDefinition(definition: Definition): CompiledDefinition {
  const predicates: CompiledPredicate[] = []
  const known = new Map<string, number>()

  function indexOf(predicate: Predicate): number {
    const key = JSON.stringify(predicate)
    const there = known.get(key)
    if (there !== undefined) return there
    known.set(key, predicates.length)
    predicates.push({ predicate, evaluator: compilePredicate(predicate), segments: [], rules: [] })
    return predicates.length - 1
  }

  function compile(condition: Condition, uses: Set<number>): Verdict {
    switch (condition.kind) {
      case 'all': {
        const parts = condition.of.map((part) => compile(part, uses))
        return (truths) => least(parts, truths)
      }
      case 'any': {
        const parts = condition.of.map((part) => compile(part, uses))
        return (truths) => greatest(parts, truths)
      }
      case 'not': {
        const part = compile(condition.of, uses)
        return (truths) => not(part(truths))
      }
      case 'otherwise':
        throw new WaymarkError('CONDITION_MISPLACED', "'otherwise' stands only as the last member of a segment")
      default: {
        const index = indexOf(condition)
        uses.add(index)
        return (truths) => truths(index)
      }
    }
  }

  const segments = inOrderOfNeed(definition.segments).map((segment, position): CompiledSegment => {
    const uses = new Set<number>()
    const verdicts: Verdict[] = []
    const members = segment.members.map(({ name, when }) => {
      const others = [...verdicts]
      const own = new Set<number>()
      const verdict: Verdict = when.kind === 'otherwise' ? (truths) => not(greatest(others, truths)) : compile(when, own)
      verdicts.push(verdict)
      for (const index of own) uses.add(index)
      return { name, when: verdict, predicates: [...own] }
    })
    for (const index of uses) predicates[index]?.segments.push(position)
    return { id: segment.id, members, asked: [] }
  })
  const rules = definition.rules.map((rule, position): CompiledRule => {
    const uses = new Set<number>()
    const when = compile(rule.when, uses)
    for (const index of uses) predicates[index]?.rules.push(position)
    return { rule, when, predicates: [...uses] }
  })

  const byEvent = new Map<string, number[]>()
  const byActivity: number[] = []
  const byTraits: number[] = []
  predicates.forEach(({ evaluator: { hears } }, index) => {
    if (hears === 'activity') byActivity.push(index)
    else if (hears === 'traits') byTraits.push(index)
    else if ('segment' in hears) segments.find(({ id }) => id === hears.segment)?.asked.push(index)
    else for (const event of hears.events) byEvent.set(event, [...(byEvent.get(event) ?? []), index])
  })
  const { governance, channels } = definition
  return {
    fingerprint: fingerprint(JSON.stringify([ENGINE_VERSION, definition.segments, definition.rules, governance, channels])),
    governance,
    channels,
    predicates,
    segments,
    rules,
    ruleIndex: new Map(rules.map(({ rule }, index) => [rule.id, index])),
    horizon: horizon(governance, definition.rules),
    byEvent,
    byActivity,
    byTraits,
  }
}

function horizon(governance: Governance, rules: readonly Rule[]): number {
  const limits = [governance.frequencyCap, ...rules.map(({ limit }) => limit)]
  return Math.max(0, ...limits.map((limit) => (limit === undefined ? 0 : milliseconds(limit.per))))
}

function least(parts: readonly Verdict[], truths: Truths): Truth {
  let result: Truth = TRUE
  for (const part of parts) {
    const truth = part(truths)
    if (truth === FALSE) return FALSE
    if (truth < result) result = truth
  }
  return result
}

function greatest(parts: readonly Verdict[], truths: Truths): Truth {
  let result: Truth = FALSE
  for (const part of parts) {
    const truth = part(truths)
    if (truth === TRUE) return TRUE
    if (truth > result) result = truth
  }
  return result
}

function inOrderOfNeed(segments: readonly Segment[]): readonly Segment[] {
  const placed = new Map<string, Segment>()
  const open = new Set<string>()
  function place(segment: Segment): void {
    if (placed.has(segment.id)) return
    if (open.has(segment.id)) throw new WaymarkError('SEGMENT_CYCLE', `segment '${segment.id}' depends on itself`)
    open.add(segment.id)
    for (const { when } of segment.members) {
      for (const id of segmentsIn(when)) {
        const needed = segments.find((other) => other.id === id)
        if (needed) place(needed)
      }
    }
    placed.set(segment.id, segment)
  }
  segments.forEach(place)
  return [...placed.values()]
}
