import type { Holding, InSegment, Predicate } from '../behaviour/ast.ts'
import type { Evaluator } from '../behaviour/evaluate/predicate.ts'
import type { Governance } from '../governance.ts'
import type { Purpose } from '../plugin/plugin.ts'
import type { Rule } from '../rule.ts'
import type { Segment } from '../segment.ts'
import type { Attention } from './attention.ts'
import type { Account } from './evidence.ts'
import type { Placed, Timers } from './layout.ts'
import type { Verdict } from './verdict.ts'

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
  /** A session ends after more than this long without activity, in milliseconds. Default 30 minutes. */
  readonly sessionGap?: number
  /** What time alone brings about sends nothing when its moment lies further back than this, in milliseconds. Default: however far. */
  readonly staleAfter?: number
}

/** Who looks again when a truth or membership has changed. */
export interface Dependants {
  readonly derived: DerivedNode[]
  readonly rules: RuleNode[]
}

/** A predicate that is read from events, time and traits alone. Each distinct one is there once. */
export interface BaseNode extends Dependants {
  readonly predicate: Exclude<Predicate, InSegment>
  /** The predicate in English. */
  readonly says: string
  readonly evaluator: Evaluator
  readonly isTimed: boolean
  /** How many lists it keeps, from `place.list` on. */
  readonly lists: number
  readonly place: Placed
}

interface Derived extends Dependants {
  /** Place in `derived`. */
  readonly index: number
  /** 0 when it is read from base nodes only, else above all that it is read from. */
  readonly level: number
  readonly place: Placed
}

/** Read from other truths: a predicate that asks for a segment, … */
export interface InSegmentNode extends Derived {
  readonly kind: 'inSegment'
  readonly predicate: InSegment
  readonly says: string
  readonly asked: SegmentNode
  /** Place of the member asked for in it. */
  readonly member: number
  readonly for: number
}

/** … a condition that holds until another is true (its cell says whether it does), … */
export interface HoldingNode extends Derived {
  readonly kind: 'holding'
  readonly condition: Holding
  readonly from: Verdict
  readonly until: Verdict
}

/** … and a segment. Cells: place of the member, -1 for none, and since when; `NONE` for the profile's first moment. */
export interface SegmentNode extends Derived {
  readonly kind: 'segment'
  readonly id: string
  readonly members: readonly { readonly name: string; readonly when: Verdict; readonly account: Account }[]
}

export type DerivedNode = InSegmentNode | HoldingNode | SegmentNode

/** A limit, its window in milliseconds. */
export interface Cap {
  readonly max: number
  readonly per: number
}

/** Cell: since when it is true, `NONE` when it is not. Timer: until when a guard holds it back, `NEVER` when none does. */
export interface RuleNode {
  /** Place in `rules`. */
  readonly index: number
  readonly rule: Rule
  /** Names what makes it true, segments included. */
  readonly asks: string
  readonly limit: Cap | undefined
  readonly when: Verdict
  readonly account: Account
  readonly place: Placed
}

/** What changes by time alone, of what stands on one page. */
export interface TimedNodes {
  readonly base: readonly BaseNode[]
  /** Memberships that are to last. */
  readonly inSegment: readonly InSegmentNode[]
  readonly rules: readonly RuleNode[]
}

/** A definition made ready to run: each distinct predicate once, with its place, who hears what and who depends on it. */
export interface CompiledDefinition {
  /** Names what profiles remember under this definition: another one, and they have to be read from the log again. */
  readonly fingerprint: string
  readonly governance: Governance
  /** Over all rules and channels together. */
  readonly cap: Cap | undefined
  readonly channels: Definition['channels']
  readonly sessionGap: number
  /** `Infinity` where nothing is. */
  readonly staleAfter: number
  readonly segments: readonly SegmentNode[]
  readonly rules: readonly RuleNode[]
  /** The pages of a profile to which nothing has happened. */
  readonly templates: readonly (readonly number[])[]
  /** By page. */
  readonly timers: readonly Timers[]
  /** By page. */
  readonly timed: readonly TimedNodes[]
  /** How far back sends can matter to a cap or limit, in milliseconds. */
  readonly horizon: number
  readonly byEvent: ReadonlyMap<string, readonly BaseNode[]>
  /** What hears every activity. */
  readonly byActivity: readonly BaseNode[]
  readonly byTraits: readonly BaseNode[]
  /** What being seen for the first time may change. */
  readonly atFirst: { readonly base: readonly BaseNode[]; readonly derived: readonly DerivedNode[]; readonly rules: readonly RuleNode[] }
  readonly attention: Attention
}
