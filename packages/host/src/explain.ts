import { assertConfig, type Decision, type Message, type Reading, type Store, segmentsBehind, type WaymarkConfig } from '@waymark/core'
import { systemClock } from './clock.ts'
import { engineOf } from './definition.ts'
import { keysOfName } from './identity.ts'

/** Why a user stands where they stand: from their history, and from the ledger of what was decided. */
export interface Explanation extends Omit<Reading, 'rules'> {
  /** Each with the newest line of the ledger about it. */
  readonly rules: readonly (Reading['rules'][number] & { readonly last?: Decision })[]
  readonly user: string
  readonly at: number
  readonly ledger: readonly Decision[]
  readonly messages: readonly Message[]
}

/**
 * Explains one user by user id or anonymous id; undefined when the store knows no such user. Reads only: the store may
 * belong to a host that is running. `at` looks back: nothing later than it is taken in. Default: now.
 */
export async function explain(
  config: WaymarkConfig,
  store: Store,
  user: string,
  options: { readonly now?: number; readonly at?: number; readonly rule?: string } = {},
): Promise<Explanation | undefined> {
  assertConfig(config)
  const engine = engineOf(config)
  const owners = await store.profilesOf(keysOfName(user))
  const id = [...owners.values()][0]
  if (id === undefined) return undefined
  const at = options.at ?? options.now ?? systemClock().now()
  const events = (await store.history(id)).flatMap(({ input }) => (input.kind === 'event' && input.event.timestamp <= at ? [input.event] : []))
  if (events.length === 0) return undefined
  // Read silently up to that moment: what was decided is in the ledger, and is not decided again here.
  const { profile } = engine.rebuild(id, events, [{ asOf: { at, tie: '' }, memberships: {}, rules: {}, sends: [] }], at, 'silent')
  const ledger = await store.decisions({ profile: id, until: at, ...(options.rule === undefined ? {} : { rule: options.rule }) })
  const reading = engine.read(profile, at)
  const rule = config.rules?.find(({ id }) => id === options.rule)
  const behind = rule && segmentsBehind(rule.when, config.segments ?? []).map(({ id: segment }) => segment)
  const isWanted = ({ rule }: { readonly rule: string }) => options.rule === undefined || rule === options.rule
  return {
    user,
    at,
    ...reading,
    segments: reading.segments.filter(({ segment }) => behind === undefined || behind.includes(segment)),
    rules: reading.rules.filter(isWanted).map((rule) => withLedger(rule, ledger)),
    ledger,
    messages: (await store.messages(id)).filter((message) => message.decidedAt <= at && isWanted(message)),
  }
}

/** A rule that is true and whose newest decision was to try again later is held back until then. */
function withLedger(rule: Reading['rules'][number], ledger: readonly Decision[]): Explanation['rules'][number] {
  const last = ledger.find((decision) => decision.rule === rule.rule)
  if (last === undefined) return rule
  return { ...rule, last, ...(rule.since === undefined || last.retryAt === undefined ? {} : { retryAt: last.retryAt }) }
}
