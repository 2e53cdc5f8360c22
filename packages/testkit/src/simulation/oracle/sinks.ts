import { keyOf } from '../ledger.ts'
import type { Facts, Violation } from './facts.ts'
import { knownBy } from './messages.ts'
import type { People } from './people.ts'

/** Every event whose user agrees reaches every sink, or its dead letters; in order; and none of somebody who had said no. */
export function sinks(facts: Facts, people: People): readonly Violation[] {
  const { config, ledger, log, deadLetters } = facts
  const violations: Violation[] = []
  const last = log.at(-1)?.seq ?? 0

  for (const { name, sink, purpose } of config.plugins ?? []) {
    if (sink === undefined) continue
    const offers = ledger.offers.filter((offer) => offer.sink === name)
    const arrived = new Set(deadLetters.flatMap((letter) => (letter.stage === 'sink' && letter.plugin === name ? [keyOf(letter.event)] : [])))
    for (const { events, taken } of offers) for (const index of taken) arrived.add(keyOf(events[index] as (typeof events)[number]))

    for (const { input, seq, profile } of log) {
      if (input.kind !== 'event' || input.event.integrations['All'] === false || input.event.source === name) continue
      if (people.agreedBetween(profile, purpose, seq, last) !== 'always' || arrived.has(keyOf(input.event))) continue
      violations.push({ check: 'delivery lost', what: `${name} never got ${keyOf(input.event)}, nor is it among the dead letters` })
    }
    violations.push(...outOfOrder(name, facts, people), ...unwanted(name, facts, people), ...repeated(name, facts))
  }
  return violations
}

/** The first time each is offered. */
function outOfOrder(sink: string, { ledger, log }: Facts, people: People): readonly Violation[] {
  const entries = new Map(log.flatMap((entry) => (entry.input.kind === 'event' ? [[keyOf(entry.input.event), entry] as const] : [])))
  const newest = new Map<string, number>()
  const seen = new Set<string>()
  const violations: Violation[] = []
  for (const offer of ledger.offers) {
    if (offer.sink !== sink) continue
    for (const event of offer.events) {
      const entry = entries.get(keyOf(event))
      if (entry === undefined || seen.has(keyOf(event))) continue
      seen.add(keyOf(event))
      const owner = people.ownerOf(entry.profile)
      if (entry.seq < (newest.get(owner) ?? 0))
        violations.push({ check: 'delivery out of order', what: `${sink} got ${keyOf(event)} after later ones of ${owner}` })
      newest.set(owner, Math.max(entry.seq, newest.get(owner) ?? 0))
    }
  }
  return violations
}

function unwanted(sink: string, facts: Facts, people: People): readonly Violation[] {
  const { ledger, log, config } = facts
  const purpose = config.plugins?.find(({ name }) => name === sink)?.purpose ?? 'essential'
  const profiles = new Map(log.flatMap(({ input, profile }) => (input.kind === 'event' ? [[keyOf(input.event), profile] as const] : [])))
  const violations: Violation[] = []
  for (const { sink: name, events, startedAt } of ledger.offers) {
    if (name !== sink) continue
    const [from, to] = knownBy(facts, startedAt)
    for (const event of events) {
      const profile = profiles.get(keyOf(event))
      if (profile === undefined) violations.push({ check: 'delivery from nowhere', what: `${sink} got ${keyOf(event)}, which is not in the log` })
      else if (profile !== '' && people.agreedBetween(profile, purpose, from, to) === 'never')
        violations.push({ check: 'delivered without consent', what: `${sink} got ${keyOf(event)} of ${profile}, who had said no` })
    }
  }
  return violations
}

/** An event that a sink has taken is not brought again while nothing fails. */
function repeated(sink: string, { ledger }: Facts): readonly Violation[] {
  const taken = new Map<string, number>()
  const violations: Violation[] = []
  for (const { sink: name, events, outcomes, startedAt } of ledger.offers) {
    if (name !== sink) continue
    for (const [index, event] of events.entries()) {
      const before = taken.get(keyOf(event))
      const isExcused = before === undefined || ledger.troubles.some((at) => at >= before && at <= startedAt)
      if (!isExcused)
        violations.push({ check: 'delivered again', what: `${sink} was brought ${keyOf(event)} again, which it had taken, and nothing had failed` })
      if (outcomes?.[index] === 'delivered') taken.set(keyOf(event), startedAt)
    }
  }
  return violations
}
