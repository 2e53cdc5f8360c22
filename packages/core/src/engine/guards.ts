import { agrees } from '../consent.ts'
import type { Guard } from '../decision.ts'
import { milliseconds } from '../duration.ts'
import type { Limit } from '../governance.ts'
import type { Profile, Send } from '../profile.ts'
import type { Rule } from '../rule.ts'
import type { CompiledDefinition } from './definition.ts'
import { quietUntil } from './time-of-day.ts'

export interface HeldBack {
  readonly guard: Guard
  /** When it could pass; absent when time alone will not change it. */
  readonly retryAt?: number
}

/** The first guard that holds the rule's message back from this user now, or undefined to let it go. */
export function heldBack(definition: CompiledDefinition, rule: Rule, profile: Profile, now: number): HeldBack | undefined {
  const { governance } = definition
  const channel = definition.channels[rule.send.channel]
  if (channel !== undefined && !agrees(profile.consent, channel.purpose, governance.consent)) return { guard: 'consent' }
  const limited =
    rule.limit &&
    exceeded(
      profile.sends.filter((send) => send.rule === rule.id),
      rule.limit,
      now,
    )
  if (limited !== undefined) return { guard: 'limit', retryAt: limited }
  const capped = governance.frequencyCap && exceeded(profile.sends, governance.frequencyCap, now)
  if (capped !== undefined) return { guard: 'frequency-cap', retryAt: capped }
  const end = quietFor(definition, rule.send.channel, profile, now)
  return end === undefined ? undefined : { guard: 'quiet-hours', retryAt: end }
}

/** When the quiet hours end in which a channel must leave the user alone now; undefined when it need not. */
export function quietFor({ governance, channels }: CompiledDefinition, channel: string, profile: Profile, now: number): number | undefined {
  if (governance.quietHours === undefined || channels[channel]?.reach !== 'outside') return undefined
  return quietUntil(now, governance.quietHours, profile.timezone)
}

/** When one more send fits into every window of `limit.per`, if it does not now. A send counts in [at, at + per). */
function exceeded(sends: readonly Send[], limit: Limit, now: number): number | undefined {
  const per = milliseconds(limit.per)
  const counted = sends.filter((send) => send.at + per > now)
  return counted.length < limit.max ? undefined : (counted[counted.length - limit.max] as Send).at + per
}
