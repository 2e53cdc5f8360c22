import type { Decision, Evidence, Fact } from '@waymark/core'
import { explain, type Host } from '@waymark/host'
import type { Insight } from './model.ts'

const TRUE = 2

/** What Waymark knows of one user, in words for the developer panel. */
export async function insightOf(host: Host, user: string, now: number): Promise<Insight> {
  const explanation = await explain(host.config, host.config.store, user, { now })
  if (explanation === undefined) return { now, segments: [], rules: [] }
  const { segments, rules, ledger } = explanation
  return {
    now,
    segments: segments.map(({ segment, member, members }) => ({
      id: segment,
      member: member ?? null,
      why: [...new Set(members.flatMap(({ evidence }) => factsOf(evidence).map((one) => inWords(one, now))))],
    })),
    rules: rules.map(({ rule, truth, evidence }) => ({
      id: rule,
      isTrue: truth === TRUE,
      why: factsOf(evidence).map((one) => inWords(one, now)),
      outcome: outcomeOf(
        ledger.find((decision) => decision.rule === rule),
        now,
      ),
    })),
  }
}

/** The predicates of a condition, in the order it is written. */
function factsOf(evidence: Evidence): readonly Fact[] {
  switch (evidence.kind) {
    case 'fact':
      return [evidence]
    case 'otherwise':
      return []
    case 'not':
      return factsOf(evidence.of)
    case 'holding':
      return [evidence.from, evidence.until].flatMap(factsOf)
    default:
      return evidence.of.flatMap(factsOf)
  }
}

function inWords({ says, truth, value, flipsAt }: Fact, now: number): string {
  const standing = truth === TRUE ? 'yes' : truth === 0 ? 'no' : 'not settled yet'
  const count = value === undefined ? '' : `, ${value} so far`
  const change = flipsAt === undefined || flipsAt <= now ? '' : `; time alone changes it in ${lengthOf(flipsAt - now)}`
  return `${says}: ${standing}${count}${change}`
}

const HELD_BACK = {
  consent: 'held back: the user has not agreed to it',
  limit: 'held back: the rule has sent enough for now',
  'frequency-cap': 'held back: enough messages for one day',
  'quiet-hours': 'held back: quiet hours',
  unmerge: 'held back: it came about while the user was taken for another',
  stale: 'held back: its moment had passed too long ago',
}

function outcomeOf(decision: Decision | undefined, now: number): string {
  if (decision === undefined) return 'nothing sent yet'
  if (decision.guard === undefined) return `sent ${lengthOf(now - decision.at)} ago`
  const again = decision.retryAt === undefined || decision.retryAt <= now ? '' : `, tried again in ${lengthOf(decision.retryAt - now)}`
  return HELD_BACK[decision.guard] + again
}

function lengthOf(milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000))
  if (minutes < 1) return 'under a minute'
  if (minutes < 90) return `${minutes} min`
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h`
  return `${Math.round(minutes / 1_440)} days`
}
