import { agrees } from '../consent.ts'
import type { Guard } from '../decision.ts'
import type { Profile, Send } from '../profile.ts'
import type { Cap, CompiledDefinition, RuleNode } from './definition.ts'
import { quietUntil } from './time-of-day.ts'

/** What the guards must know of a user. */
type Recipient = Pick<Profile, 'consent' | 'sends' | 'timezone'>

export interface HeldBack {
  readonly guard: Guard
  /** When it could pass; absent when time alone will not change it. */
  readonly retryAt?: number
}

/** The first guard that holds the rule's message back from this user now, or undefined to let it go. */
export function heldBack(definition: CompiledDefinition, { rule, limit }: RuleNode, profile: Recipient, now: number): HeldBack | undefined {
  const { governance, cap } = definition
  const channel = definition.channels[rule.send.channel]
  if (channel !== undefined && !agrees(profile.consent, channel.purpose, governance.consent)) return { guard: 'consent' }
  const limited = limit && exceeded(profile.sends, limit, now, rule.id)
  if (limited !== undefined) return { guard: 'limit', retryAt: limited }
  const capped = cap && exceeded(profile.sends, cap, now)
  if (capped !== undefined) return { guard: 'frequency-cap', retryAt: capped }
  const end = quietFor(definition, rule.send.channel, profile, now)
  return end === undefined ? undefined : { guard: 'quiet-hours', retryAt: end }
}

/** When the quiet hours end in which a channel must leave the user alone now; undefined when it need not. */
export function quietFor({ governance, channels }: CompiledDefinition, channel: string, profile: Pick<Profile, 'timezone'>, now: number): number | undefined {
  if (governance.quietHours === undefined || channels[channel]?.reach !== 'outside') return undefined
  return quietUntil(now, governance.quietHours, profile.timezone)
}

/** When one more send, of the rule if one is named, fits into every window, if it does not now. A send counts in [at, at + per). */
function exceeded(sends: readonly Send[], { max, per }: Cap, now: number, rule?: string): number | undefined {
  let counted = 0
  // From the newest: the one that fills the window is the first to leave it.
  for (let index = sends.length - 1; index >= 0; index -= 1) {
    const send = sends[index] as Send
    if (send.at + per <= now) continue
    if (send.undelivered || (rule !== undefined && send.rule !== rule)) continue
    counted += 1
    if (counted === max) return send.at + per
  }
  return undefined
}
