import { type Behaviour, createBehaviour } from '../behaviour/builder.ts'
import type { Expression, OtherwiseMember } from '../behaviour/builder-expression.ts'
import { WaymarkError } from '../errors.ts'
import type { Limit } from '../governance.ts'
import type { MessageDefinition } from '../message.ts'
import type { Rule } from '../rule.ts'
import type { Schema } from '../schema.ts'
import type { TypedSegment } from '../segment.ts'
import type { Events, Plan } from './plan.ts'

/** A tracking plan with the words to write conditions over it. */
export interface TypedPlan<E extends Events, T extends Schema> extends Plan {
  readonly events: E
  readonly traits: T
  readonly behaviour: Behaviour<E, T>
  /** A user is the first member that is true, in this order. With `otherwise` as the last, every user ends in exactly one. */
  segments<const Members extends SegmentMembers>(id: string, members: Members): TypedSegment<keyof Members & string, E>
  /** Sends its message when the condition becomes true for a user, unless a guard holds it back. */
  rule(id: string, definition: RuleDefinition): Rule
}

export type SegmentMembers = Readonly<Record<string, Expression | OtherwiseMember>>

export interface RuleDefinition {
  readonly when: Expression
  readonly send: MessageDefinition
  /** At most so many from this rule to one user. */
  readonly limit?: Limit
  /** The higher goes first when several rules become true at one moment and a cap lets only some through. Default 0. */
  readonly priority?: number
  /**
   * When the rule is new or has changed, people of whom it is true already get its message too. By default it is silent for
   * them: no message fires for the past.
   */
  readonly backfill?: 'send'
}

/**
 * The tracking plan: events and traits as Standard Schemas (zod, valibot, arktype and others, also mixed).
 * Schemas must be synchronous; what they yield is what conditions see.
 */
export function definePlan<E extends Events, T extends Schema<unknown, object>>(definition: { readonly events: E; readonly traits: T }): TypedPlan<E, T> {
  return {
    events: definition.events,
    traits: definition.traits,
    behaviour: createBehaviour(),
    segments(id, members) {
      const names = Object.keys(members)
      for (const name of names) checkMember(id, name, members[name], name === names.at(-1))
      return { id, members: names.map((name) => ({ name: name as keyof typeof members & string, when: (members[name] as Expression).condition })) }
    },
    rule(id, { when, send, limit, priority, backfill }) {
      return {
        id,
        when: when.condition,
        send,
        ...(limit === undefined ? {} : { limit }),
        ...(priority === undefined ? {} : { priority }),
        ...(backfill === undefined ? {} : { backfill }),
      }
    },
  }
}

function checkMember(segment: string, name: string, member: Expression | OtherwiseMember | undefined, last: boolean): void {
  const place = `segment '${segment}' member '${name}'`
  // JavaScript lists such keys first, whatever the order they are written in, and the order of members matters.
  if (/^(?:0|[1-9]\d*)$/.test(name)) {
    throw new WaymarkError('MEMBER_NAME_NUMERIC', `${place}: a number as a name would move the member to the front`, {
      place,
      mend: `give it a name such as 'level-${name}'`,
    })
  }
  if (member?.condition === undefined) {
    throw new WaymarkError('CONDITION_INVALID', `${place}: not a condition`, {
      place,
      mend: "build it with the plan's behaviour, for example did('…').atLeast(1)",
    })
  }
  if (member.condition.kind === 'otherwise' && !last) {
    throw new WaymarkError('OTHERWISE_NOT_LAST', `${place}: 'otherwise' must stand last, since the first true member wins`, {
      place,
      mend: 'move it to the end',
    })
  }
}
