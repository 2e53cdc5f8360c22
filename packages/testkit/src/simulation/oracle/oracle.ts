import { acknowledged } from './acknowledged.ts'
import { decisions } from './decisions.ts'
import type { Facts, Violation } from './facts.ts'
import { identity } from './identity.ts'
import { consent, messages } from './messages.ts'
import { readPeople } from './people.ts'
import { sinks } from './sinks.ts'
import { sources } from './sources.ts'
import { recovered, state } from './state.ts'

/** Holds a world to what Waymark promises. The model is naive: ledgers, the log, and loops over them. */
export function judge(facts: Facts): readonly Violation[] {
  const people = readPeople(facts.log, facts.config)
  const uncaught = facts.ledger.uncaught.map((what) => ({ check: 'uncaught error', what }))
  return [
    ...uncaught,
    ...acknowledged(facts),
    ...identity(facts, people),
    ...state(facts, people),
    ...recovered(facts),
    ...decisions(facts, people),
    ...messages(facts),
    ...consent(facts, people),
    ...sinks(facts, people),
    ...sources(facts),
  ]
}
