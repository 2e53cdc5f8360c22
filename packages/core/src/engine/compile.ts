import type { Condition, Holding, InSegment, Predicate } from '../behaviour/ast.ts'
import { describe } from '../behaviour/english.ts'
import { blueprintOf } from '../behaviour/evaluate/blueprint.ts'
import { NONE } from '../behaviour/evaluate/moment.ts'
import type { Blueprint, Evaluator } from '../behaviour/evaluate/predicate.ts'
import { segmentsBehind, segmentsIn } from '../behaviour/walk.ts'
import { milliseconds } from '../duration.ts'
import { WaymarkError } from '../errors.ts'
import type { Governance, Limit } from '../governance.ts'
import { fingerprint } from '../hash.ts'
import type { Rule } from '../rule.ts'
import type { Segment } from '../segment.ts'
import { Attention } from './attention.ts'
import type { BaseNode, Cap, CompiledDefinition, Definition, DerivedNode, HoldingNode, InSegmentNode, RuleNode, SegmentNode } from './definition.ts'
import { accountOfRest, compileAccount } from './evidence.ts'
import { initialise } from './initial.ts'
import { keyOf, layOut, type Placed, type Unit } from './layout.ts'
import { compileVerdict, noneOf, type TruthPlaceOf, type Verdict } from './verdict.ts'

/** Grows when the engine reads the same definition or keeps its cells differently, so that profiles are rebuilt. */
const ENGINE_VERSION = 3

const SESSION_GAP: number = 30 * 60_000

type Base = Exclude<Predicate, InSegment>
type Derived = InSegment | Holding | Segment

/** What has to be kept, each once, in an order in which each comes after what it is read from. */
interface Parts {
  readonly base: Map<string, { readonly predicate: Base; readonly blueprint: Blueprint }>
  readonly derived: Map<string, Derived>
}

export function compileDefinition(definition: Definition): CompiledDefinition {
  const { governance, channels } = definition
  const segments = inOrderOfNeed(definition.segments)
  const parts: Parts = { base: new Map(), derived: new Map() }
  for (const segment of segments) {
    for (const { when } of segment.members) gather(when, parts)
    parts.derived.set(nameOf(segment), segment)
  }
  for (const { when } of definition.rules) gather(when, parts)

  const baseParts = [...parts.base.values()]
  const derivedParts = [...parts.derived.values()]
  const { places, templates, timers } = layOut([
    ...baseParts.map(
      ({ blueprint }): Unit => ({ key: keyOf(blueprint), fresh: blueprint.fresh, lists: blueprint.lists, hasTruth: true, isTimed: blueprint.isTimed }),
    ),
    ...derivedParts.map((part): Unit => ({ key: keyIn(part, parts), fresh: freshOf(part), lists: 0, hasTruth: !('members' in part), isTimed: isTimed(part) })),
    ...definition.rules.map(({ when }): Unit => ({ key: keyIn({ kind: 'not', of: when }, parts), fresh: [NONE], lists: 0, hasTruth: false, isTimed: true })),
  ])

  const base = baseParts.map(({ predicate, blueprint }, index): BaseNode => {
    const place = places[index] as Placed
    return {
      predicate,
      says: describe(predicate),
      place,
      evaluator: alike(blueprint.at(place)),
      isTimed: blueprint.isTimed,
      lists: blueprint.lists,
      derived: [],
      rules: [],
    }
  })
  const baseBy = new Map([...parts.base.keys()].map((name, index) => [name, base[index] as BaseNode]))
  const derivedBy = new Map<string, DerivedNode>()
  const nodeOf = (part: Base | InSegment | Holding) => baseBy.get(nameOf(part)) ?? (derivedBy.get(nameOf(part)) as InSegmentNode | HoldingNode)
  const placeOf: TruthPlaceOf = (condition) => nodeOf(condition).place.truth

  // One after the other: each is read from what stands before it.
  for (const [index, part] of derivedParts.entries()) {
    const from = readFrom(part)
    const level = Math.max(0, ...from.map((node) => ('level' in node ? node.level + 1 : 0)))
    const node = compileDerived(part, { index, level, place: places[baseParts.length + index] as Placed, derived: [], rules: [] })
    derivedBy.set(nameOf(part), node)
    for (const one of from) one.derived.push(node)
  }
  const rules = definition.rules.map((rule, index): RuleNode => {
    const place = places[baseParts.length + derivedParts.length + index] as Placed
    const node = {
      index,
      rule,
      asks: asksOf(rule.when, segments),
      limit: capOf(rule.limit),
      place,
      when: compileVerdict(rule.when, placeOf),
      account: compileAccount(rule.when, nodeOf),
    }
    for (const one of new Set(directly(rule.when).map(nodeOf))) one.rules.push(node)
    return node
  })

  /** The nodes whose change makes it look again; a holding keeps a truth of its own, so what is inside one is not among them. */
  function readFrom(part: Derived): readonly (BaseNode | DerivedNode)[] {
    if ('members' in part) return [...new Set(part.members.flatMap(({ when }) => directly(when)).map(nodeOf))]
    if (part.kind === 'holding') return [...new Set([...directly(part.from), ...directly(part.until)].map(nodeOf))]
    return [derivedBy.get(`segment:${part.segment}`) as SegmentNode]
  }

  function compileDerived(part: Derived, node: Pick<DerivedNode, 'index' | 'level' | 'place' | 'derived' | 'rules'>): DerivedNode {
    if ('members' in part) return { ...node, kind: 'segment', id: part.id, members: compileMembers(part) }
    if (part.kind === 'holding')
      return { ...node, kind: 'holding', condition: part, from: compileVerdict(part.from, placeOf), until: compileVerdict(part.until, placeOf) }
    const asked = derivedBy.get(`segment:${part.segment}`) as SegmentNode
    return {
      ...node,
      kind: 'inSegment',
      predicate: part,
      says: describe(part),
      asked,
      member: asked.members.findIndex(({ name }) => name === part.member),
      for: part.for ?? 0,
    }
  }

  function compileMembers(segment: Segment): SegmentNode['members'] {
    const before: Verdict[] = []
    return segment.members.map(({ name, when }) => {
      if (when.kind === 'otherwise') {
        const rest = noneOf([...before])
        return { name, when: rest, account: accountOfRest(rest) }
      }
      const verdict = compileVerdict(when, placeOf)
      before.push(verdict)
      return { name, when: verdict, account: compileAccount(when, nodeOf) }
    })
  }

  const derived = [...derivedBy.values()]
  const blueprints = baseParts.map(({ blueprint }) => blueprint)
  const on = (page: number) => (node: { readonly place: Placed }) => node.place.page === page
  const compiled: Omit<CompiledDefinition, 'atFirst'> = {
    fingerprint: fingerprint(JSON.stringify(memoryOf(definition))),
    governance,
    cap: capOf(governance.frequencyCap),
    channels,
    sessionGap: definition.sessionGap ?? SESSION_GAP,
    staleAfter: definition.staleAfter ?? Number.POSITIVE_INFINITY,
    segments: derived.filter((node) => node.kind === 'segment'),
    rules,
    templates,
    timers,
    timed: templates.map((_, page) => ({
      base: base.filter((node) => node.isTimed).filter(on(page)),
      inSegment: derived.filter((node) => node.kind === 'inSegment').filter((node) => node.for > 0 && node.place.page === page),
      rules: rules.filter(on(page)),
    })),
    horizon: horizon(governance, definition.rules),
    ...hearing(base, blueprints),
    attention: new Attention(derived, rules.length, templates.length),
  }
  return { ...compiled, atFirst: initialise(templates, base, blueprints, derived, rules) }
}

/** All evaluators in one shape: the engine goes through different ones in a row, and finds each one's functions in the same place. */
function alike({ observe, read, value }: Evaluator): Evaluator {
  return { observe, read, value }
}

/** The condition and all segments that it asks for, as one name. */
function asksOf(when: Condition, segments: readonly Segment[]): string {
  return fingerprint(JSON.stringify([when, segmentsBehind(when, segments)]))
}

/** What decides which cells there are and what they hold; texts and limits do not. */
function memoryOf({ segments, rules, governance, sessionGap = SESSION_GAP }: Definition): unknown {
  return [
    ENGINE_VERSION,
    segments,
    rules.map(({ id, when, backfill }) => [id, when, backfill]),
    governance.consent?.categories,
    horizon(governance, rules),
    sessionGap,
  ]
}

function nameOf(part: Base | Derived): string {
  return 'members' in part ? `segment:${part.id}` : JSON.stringify(part)
}

function freshOf(part: Derived): readonly number[] {
  if ('members' in part) return [-1, NONE]
  return part.kind === 'holding' ? [0] : []
}

/** A membership that is to last is: after so long. */
function isTimed(part: Derived): boolean {
  return !('members' in part) && part.kind === 'inSegment' && (part.for ?? 0) > 0
}

/** Visits the parts whose truth is kept, each after those inside it. */
function collect(condition: Condition, visit: (part: Base | InSegment | Holding) => void): void {
  if (condition.kind === 'all' || condition.kind === 'any') for (const part of condition.of) collect(part, visit)
  else if (condition.kind === 'not') collect(condition.of, visit)
  else if (condition.kind === 'holding') {
    collect(condition.from, visit)
    collect(condition.until, visit)
    visit(condition)
  } else if (condition.kind !== 'otherwise') visit(condition)
}

/** The parts whose truth is kept that a condition asks for itself. */
function directly(condition: Condition): readonly (Base | InSegment | Holding)[] {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.flatMap(directly)
  if (condition.kind === 'not') return directly(condition.of)
  return condition.kind === 'otherwise' ? [] : [condition]
}

function gather(condition: Condition, { base, derived }: Parts): void {
  collect(condition, (part) => {
    const name = nameOf(part)
    if (part.kind === 'holding' || part.kind === 'inSegment') derived.set(name, derived.get(name) ?? part)
    else if (!base.has(name)) base.set(name, { predicate: part, blueprint: blueprintOf(part) })
  })
}

/** What is read from others stands where the first of those does that hears something itself. */
function keyIn(part: Derived | Condition, { base, derived }: Parts): string {
  const conditions = 'members' in part ? part.members.map(({ when }) => when) : part.kind === 'inSegment' ? [] : [part]
  let key: string | undefined
  for (const condition of conditions) {
    collect(condition, (inner) => {
      const blueprint = inner.kind === 'holding' || inner.kind === 'inSegment' ? undefined : base.get(nameOf(inner))?.blueprint
      if (blueprint !== undefined) key ??= keyOf(blueprint)
    })
  }
  if (key === undefined && !('members' in part) && part.kind === 'inSegment') {
    const segment = derived.get(`segment:${part.segment}`)
    if (segment !== undefined) key = keyIn(segment, { base, derived })
  }
  return key ?? 'traits'
}

function hearing(base: readonly BaseNode[], blueprints: readonly Blueprint[]): Pick<CompiledDefinition, 'byEvent' | 'byActivity' | 'byTraits'> {
  const byEvent = new Map<string, BaseNode[]>()
  const byActivity: BaseNode[] = []
  const byTraits: BaseNode[] = []
  for (const [index, node] of base.entries()) {
    const { hears } = blueprints[index] as Blueprint
    if (hears === 'activity') byActivity.push(node)
    else if (hears === 'traits') byTraits.push(node)
    else for (const event of hears.events) byEvent.set(event, [...(byEvent.get(event) ?? []), node])
  }
  return { byEvent, byActivity, byTraits }
}

function capOf(limit: Limit | undefined): Cap | undefined {
  return limit && { max: limit.max, per: milliseconds(limit.per) }
}

function horizon(governance: Governance, rules: readonly Rule[]): number {
  const limits = [governance.frequencyCap, ...rules.map(({ limit }) => limit)]
  return Math.max(0, ...limits.map((limit) => (limit === undefined ? 0 : milliseconds(limit.per))))
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
