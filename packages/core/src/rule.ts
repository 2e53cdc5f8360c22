import type { Condition } from './behaviour/ast.ts'
import type { Limit } from './governance.ts'
import type { MessageDefinition } from './message.ts'

/** Sends its message when the condition becomes true for a user, unless a guard holds it back. */
export interface Rule {
  readonly id: string
  readonly when: Condition
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
