import { type Decision, type Limit, milliseconds, TRUE, timerBounds, type WaymarkConfig } from '@waymark/core'
import { keyOf } from '../ledger.ts'
import type { Facts, Violation } from './facts.ts'
import type { Logged, People } from './people.ts'
import { foldOf } from './state.ts'

/** What was decided is what the users' own histories call for. */
export function decisions(facts: Facts, people: People): readonly Violation[] {
  const { engine, now, isRedefined } = facts
  const violations: Violation[] = [...doubled(facts), ...capped(facts, people), ...timers(facts), ...ofThePast(facts, people), ...tooLate(facts, people)]
  const byProfile = Map.groupBy(facts.decisions, ({ profile }) => people.ownerOf(profile))
  for (const [profile, history] of people.all) {
    const own = byProfile.get(profile) ?? []
    if (history.length === 0 || isRedefined) continue
    const fold = foldOf(engine, profile, history)
    for (const { rule, truth } of engine.read(fold, now).rules) {
      if (truth === TRUE && !own.some((decision) => decision.rule === rule))
        violations.push({ check: 'not decided', what: `${rule} is true for ${profile} and nothing was decided` })
    }
    if (isInOrder(profile, history, facts, people)) violations.push(...exactly(profile, history, own, facts))
  }
  return violations
}

/** Nothing came late and nobody was merged: what is decided follows from the events alone. */
function isInOrder(profile: string, history: readonly Logged[], { log }: Facts, people: People): boolean {
  if (people.merges.some(({ into, from }) => into === profile || from === profile)) return false
  let newest = Number.NEGATIVE_INFINITY
  for (const { profile: whose, input } of log) {
    if (whose !== profile || (input.kind !== 'event' && input.kind !== 'tick')) continue
    const at = input.kind === 'event' ? input.event.timestamp : input.at
    // What comes at one moment has an order of its own.
    if (at <= newest) return false
    newest = at
  }
  return history.length > 0
}

function exactly(profile: string, history: readonly Logged[], own: readonly Decision[], { engine, now }: Facts): readonly Violation[] {
  const should = new Set<string>()
  let held: Parameters<typeof engine.step>[0]
  for (const { event } of history) {
    const step = engine.step(held, profile, { kind: 'event', event }, event.receivedAt)
    held = step.profile
    for (const { rule, since } of step.decisions) should.add(`${rule} since ${since}`)
  }
  for (const { rule, since } of engine.step(held, profile, { kind: 'tick', at: now }, now).decisions) should.add(`${rule} since ${since}`)
  const is = new Set(own.map(({ rule, since }) => `${rule} since ${since}`))
  const [missing] = [...should].filter((one) => !is.has(one))
  const [extra] = [...is].filter((one) => !should.has(one))
  return [
    ...(missing === undefined ? [] : [{ check: 'not decided', what: `${missing} became true for ${profile} and nothing was decided` }]),
    ...(extra === undefined ? [] : [{ check: 'decided for nothing', what: `${extra} was decided for ${profile} and never became true` }]),
  ]
}

/** One message for each time a rule becomes true. */
function doubled({ decisions: made }: Facts): readonly Violation[] {
  const sent = made.filter(({ outcome }) => outcome === 'sent')
  const times = Map.groupBy(sent, ({ rule, profile, since }) => `${rule} of ${profile} since ${since}`)
  return [...times].flatMap(([time, all]) => (all.length > 1 ? [{ check: 'decided twice', what: `${time}: ${all.map(({ key }) => key).join(', ')}` }] : []))
}

/** Nobody has these, and caps do not count them from when that was known. */
const UNDELIVERED: ReadonlySet<string> = new Set(['rejected', 'dead', 'cancelled'])

/** No window holds more messages than a cap or a rule's limit lets through, of what was one person's when they were decided and may have reached them. */
function capped({ configs, decisions: ledger, messages: outbox, clockSpread }: Facts, people: People): readonly Violation[] {
  const sent = ledger.filter(({ outcome, key }) => outcome === 'sent' && !UNDELIVERED.has(outbox.get(key)?.state ?? 'sent'))
  return limitsOf(configs).flatMap(({ limit: { max, per }, rule }) => {
    const counted = sent.filter((decision) => rule === undefined || decision.rule === rule)
    return counted.flatMap(({ profile, at, key }) => {
      const before = new Set(people.merges.filter((merge) => merge.into === profile && merge.now < at).map(({ from }) => from))
      // A clock that is put back makes a window look shorter than it was.
      const from = at - milliseconds(per) + clockSpread
      const window = counted.filter((other) => (other.profile === profile || before.has(other.profile)) && other.at <= at && other.at > from)
      return window.length > max
        ? [{ check: 'cap exceeded', what: `${key} is one of ${window.length} within ${per}, where ${max} are let through by ${rule ?? 'the cap'}` }]
        : []
    })
  })
}

/** Those that hold in every version of the config. */
function limitsOf([first, ...others]: Facts['configs']): readonly { readonly limit: Limit; readonly rule?: string }[] {
  const of = ({ governance, rules = [] }: WaymarkConfig) => [
    ...(governance?.frequencyCap === undefined ? [] : [{ limit: governance.frequencyCap }]),
    ...rules.flatMap(({ id, limit }) => (limit === undefined ? [] : [{ limit, rule: id }])),
  ]
  const everywhere = others.map((config) => of(config).map((one) => JSON.stringify(one)))
  return first === undefined ? [] : of(first).filter((one) => everywhere.every((limits) => limits.includes(JSON.stringify(one))))
}

/** A timer rings once, and not before its time. */
function timers({ log }: Facts): readonly Violation[] {
  const violations: Violation[] = []
  const rung = new Set<string>()
  for (const { profile, input, now, seq } of log) {
    if (input.kind !== 'tick') continue
    const timer = `${profile} at ${input.at}`
    if (input.at > now) violations.push({ check: 'timer early', what: `${timer} rang ${input.at - now} ms early, log entry ${seq}` })
    if (rung.has(timer)) violations.push({ check: 'timer doubled', what: `${timer} rang twice, log entry ${seq}` })
    rung.add(timer)
  }
  return violations
}

/** A rule that a new version of the config brings or changes sends nothing for what was true before, unless it says that it makes up for the past. */
function ofThePast({ ledger, cameAt, decisions: made }: Facts, people: People): readonly Violation[] {
  return made.flatMap(({ rule, profile, since, at, key, outcome }) => {
    const came = cameAt.get(rule)
    if (came === undefined || outcome !== 'sent' || since >= came.at || at < came.at) return []
    const owner = people.ownerOf(profile)
    // What comes late or with somebody else may make a rule true for a moment that has passed.
    const isMerged = people.merges.some(({ into, from }) => into === owner || from === owner)
    const isLate = (people.all.get(owner) ?? []).some(({ event }) => {
      const answers = ledger.events.get(keyOf(event))?.answers ?? []
      return event.timestamp < came.at && !answers.some((answer) => answer.at < came.trulyAt)
    })
    // What the rule was held back from while it was as before is made up for.
    const isHeld = made.some((other) => other.rule === rule && other.profile === profile && other.since === since && other.at < came.at)
    return isMerged || isLate || isHeld ? [] : [{ check: 'sent for the past', what: `${key} was sent for a moment before the rule came` }]
  })
}

/** What time alone brings about is not sent long after its moment: when it became true, or when what last held it back let go. */
function tooLate({ configs, clockSpread, decisions: made }: Facts, people: People): readonly Violation[] {
  const staleAfter = Math.max(...configs.map(({ timers }) => timerBounds(timers).staleAfter))
  const turns = Map.groupBy(made, ({ rule, profile, since }) => `${rule} ${people.ownerOf(profile)} ${since}`)
  return [...turns.values()].flatMap((turn) => {
    const sent = turn.find(({ outcome, cause }) => outcome === 'sent' && cause === undefined)
    if (sent === undefined) return []
    const late = sent.at - Math.max(sent.since, ...turn.map(({ retryAt = sent.since }) => retryAt))
    return late > staleAfter + clockSpread ? [{ check: 'sent too late', what: `${sent.key} was sent ${late} ms after its moment` }] : []
  })
}
