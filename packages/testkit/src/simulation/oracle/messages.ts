import type { Message } from '@waymark/core'
import { type Attempt, keyOf } from '../ledger.ts'
import type { Facts, Violation } from './facts.ts'
import type { People } from './people.ts'

/** How long after an acknowledgement a send may go that was claimed before it, in milliseconds: the store's slowest operations in a row. */
const UNDER_WAY = 1_000

/** What was decided to be sent comes to an end; nobody has anything twice but for what was on its way when something failed. */
export function messages(facts: Facts): readonly Violation[] {
  const { decisions, ledger, messages: outbox } = facts
  const violations: Violation[] = []
  const sent = new Set(decisions.flatMap(({ key, outcome }) => (outcome === 'sent' ? [key] : [])))
  const attempts = Map.groupBy(ledger.attempts, ({ key }) => key)

  for (const key of sent) {
    const message = outbox.get(key)
    const own = attempts.get(key) ?? []
    if (message === undefined) violations.push({ check: 'message lost', what: `${key} was decided on and is not in the outbox` })
    else if (!FINAL.has(message.state) && !isAnswered(message))
      violations.push({ check: 'message stuck', what: `${key} is still ${message.state}: ${message.reason ?? ''}` })
    else if (message.state === 'sent' && !own.some(({ tookAt }) => tookAt !== undefined))
      violations.push({ check: 'message not sent', what: `${key} is kept as sent and nobody has it` })
    violations.push(...doubled(key, own, facts))
  }
  for (const key of attempts.keys()) if (!sent.has(key)) violations.push({ check: 'message from nowhere', what: `${key} was sent and never decided on` })
  return violations
}

/** Somebody who answered a message has it, whatever became of the send. */
function isAnswered({ clickedAt, dismissedAt }: Message): boolean {
  return clickedAt !== undefined || dismissedAt !== undefined
}

const FINAL: ReadonlySet<string> = new Set(['sent', 'cancelled', 'rejected', 'unknown', 'dead'])

function doubled(key: string, attempts: readonly Attempt[], { ledger }: Facts): readonly Violation[] {
  const violations: Violation[] = []
  const settledAt = ledger.settledAt.get(key) ?? Number.POSITIVE_INFINITY
  for (const attempt of attempts) {
    if (attempt.startedAt > settledAt)
      violations.push({ check: 'message sent again', what: `${key} was sent again by process ${attempt.process} though what came of it was on disk` })
  }
  const taken = attempts.filter(({ tookAt, wasKnown }) => tookAt !== undefined && wasKnown !== true)
  taken.forEach((attempt, index) => {
    const next = taken[index + 1]
    if (next === undefined) return
    const isExcused = ledger.troubles.some((at) => at >= attempt.startedAt && at <= next.startedAt)
    if (!isExcused) violations.push({ check: 'message doubled', what: `${key} was taken twice and nothing had failed between` })
  })
  return violations
}

/** Nothing goes to anybody who had said no by then, as far as the host can have known. */
export function consent(facts: Facts, people: People): readonly Violation[] {
  const { ledger, config } = facts
  const purposes = new Map((config.plugins ?? []).flatMap(({ channel, purpose }) => (channel === undefined ? [] : [[channel.name, purpose] as const])))
  return ledger.attempts.flatMap(({ channel, key, profile, startedAt }) => {
    const [from, to] = knownBy(facts, startedAt)
    const isDenied = people.agreedBetween(profile, purposes.get(channel) ?? 'essential', from, to) === 'never'
    return isDenied ? [{ check: 'sent without consent', what: `${key} went to ${profile} on ${channel}, who had said no` }] : []
  })
}

/** The log entries between which the newest stands that the host acted on at the time: what was acknowledged before, and what can have been there. */
export function knownBy({ log, ledger }: Facts, at: number): readonly [number, number] {
  let [from, to] = [0, 0]
  for (const { seq, input } of log) {
    const sent = input.kind === 'event' ? ledger.events.get(keyOf(input.event)) : undefined
    // Whatever was written before this one may have been there, also what no event tells of.
    if (sent !== undefined && sent.firstSentAt > at) break
    to = seq
    if (sent?.answers.some((answer) => answer.at <= at - UNDER_WAY)) from = seq
  }
  return [from, to]
}
