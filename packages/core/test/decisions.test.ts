import { describe, expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import type { Decision } from '../src/decision.ts'
import { createEngine, type Engine } from '../src/engine/engine.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Governance } from '../src/governance.ts'
import type { Past, Profile } from '../src/profile.ts'
import type { Rule } from '../src/rule.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A Monday, 10:00 UTC. */
const START = Date.UTC(2026, 2, 2, 10)

const count = (event: string, value: number): Condition => ({ kind: 'did', event, where: [], measure: { of: 'count' }, compare: 'atLeast', value })
const inactive: Condition = { kind: 'inactive', for: DAY }
const rule = (id: string, when: Condition, more: Partial<Rule> = {}): Rule => ({
  id,
  when,
  send: { channel: 'email', kind: 'template', content: { template: id } },
  ...more,
})

function engineWith(rules: readonly Rule[], governance: Governance = {}): Engine {
  const consent = governance.consent ?? { unset: { marketing: 'granted', personalization: 'granted' } }
  return createEngine({
    segments: [],
    rules,
    governance: { ...governance, consent },
    channels: { email: { purpose: 'marketing', reach: 'outside' }, 'in-app': { purpose: 'personalization', reach: 'inside' } },
  })
}

function track(event: string, at: number, context: CanonicalEvent['context'] = {}): CanonicalEvent {
  return {
    type: 'track',
    event,
    messageId: `${event}-${at}`,
    userId: 'u',
    timestamp: at,
    receivedAt: at,
    properties: {},
    traits: {},
    context,
    integrations: {},
    source: 'test',
  }
}

/** One user's life under an engine, with the ledger it leaves. */
function life(engine: Engine) {
  // Under another definition what rules remember cannot be read: a host takes it from its ledger.
  const pastOf = (profile: Profile): Past => ({ ...engine.pastOf(profile), memberships: {} })
  let profile: Profile | undefined
  const ledger: Decision[] = []
  const take = (step: { profile: Profile; decisions: readonly Decision[] }) => {
    profile = step.profile
    ledger.push(...step.decisions)
  }
  return {
    ledger,
    does: (event: string, at: number, context?: CanonicalEvent['context']) =>
      take(engine.step(profile, 'u', { kind: 'event', event: track(event, at, context) }, at)),
    passes(until: number) {
      for (let wake = profile && engine.nextWake(profile); wake !== undefined && wake <= until; wake = profile && engine.nextWake(profile)) {
        take(engine.step(profile, 'u', { kind: 'tick', at: wake }, wake))
      }
    },
    rebuilt: (engineNow: Engine, events: readonly CanonicalEvent[], now: number, mode: 'decide' | 'silent') =>
      take(engineNow.rebuild('u', events, profile === undefined ? [] : [pastOf(profile)], now, mode)),
    short: () => ledger.map(({ rule: id, outcome, guard, at }) => `${id} ${guard ?? outcome} ${(at - START) / HOUR}h`),
    profile: () => profile as Profile,
  }
}

describe('a rule', () => {
  it('sends once when it becomes true, and again only after it was false', () => {
    const user = life(engineWith([rule('come-back', inactive)]))
    user.does('open', START)
    user.passes(START + 3 * DAY)
    user.does('open', START + 3 * DAY)
    user.passes(START + 10 * DAY)
    expect(user.short()).toEqual(['come-back sent 24h', 'come-back sent 96h'])
  })

  it('does not fire when the user acts at the very moment it would be due', () => {
    const user = life(engineWith([rule('come-back', inactive)]))
    user.does('open', START)
    user.does('open', START + DAY)
    expect(user.short()).toEqual([])
  })

  it('carries the evidence it was decided on', () => {
    const user = life(engineWith([rule('tip', count('open', 2))]))
    user.does('open', START)
    user.does('open', START + 1)
    expect(user.ledger).toMatchObject([
      { key: `tip:u:${START + 1}`, since: START + 1, evidence: { kind: 'fact', truth: 2, value: 2 }, message: { channel: 'email' } },
    ])
  })

  it('is held back by its limit and goes out when the window has passed, if it still is true', () => {
    const user = life(engineWith([rule('come-back', inactive, { limit: { max: 1, per: '3d' } })]))
    user.does('open', START)
    user.passes(START + 30 * HOUR)
    user.does('open', START + 30 * HOUR)
    user.passes(START + 20 * DAY)
    expect(user.short()).toEqual(['come-back sent 24h', 'come-back limit 54h', 'come-back sent 96h'])
    expect(user.ledger[1]).toMatchObject({ retryAt: START + 96 * HOUR })
  })

  it('is forgotten when it stops being true while held back', () => {
    const user = life(engineWith([rule('come-back', inactive, { limit: { max: 1, per: '3d' } })]))
    user.does('open', START)
    user.passes(START + 30 * HOUR)
    user.does('open', START + 30 * HOUR)
    user.passes(START + 60 * HOUR)
    user.does('open', START + 90 * HOUR)
    user.passes(START + 100 * HOUR)
    expect(user.short()).toEqual(['come-back sent 24h', 'come-back limit 54h'])
  })

  it('gives way to a higher priority when a cap lets only one through', () => {
    const user = life(engineWith([rule('low', count('open', 1)), rule('high', count('open', 1), { priority: 5 })], { frequencyCap: { max: 1, per: '1d' } }))
    user.does('open', START)
    user.passes(START + 2 * DAY)
    expect(user.short()).toEqual(['high sent 0h', 'low frequency-cap 0h', 'low sent 24h'])
  })

  it('waits for the end of the quiet hours in the zone of the user', () => {
    const user = life(engineWith([rule('welcome', count('open', 1))], { quietHours: { from: '21:00', to: '08:00' } }))
    // 10:00 UTC is 02:00 in Los Angeles, six hours before 08:00.
    user.does('open', START, { timezone: 'America/Los_Angeles' })
    user.passes(START + DAY)
    expect(user.short()).toEqual(['welcome quiet-hours 0h', 'welcome sent 6h'])
  })

  it('ends the quiet hours at 08:00 by the clock on the wall also in the night the clocks change', () => {
    const user = life(engineWith([rule('welcome', count('open', 1))], { quietHours: { from: '21:00', to: '08:00' } }))
    const night = Date.UTC(2026, 2, 8, 6)
    user.does('open', night, { timezone: 'America/New_York' })
    user.passes(night + DAY)
    expect(new Date(user.ledger[1]?.at ?? 0).toISOString()).toBe('2026-03-08T12:00:00.000Z')
  })

  it('does not keep in-app messages from somebody who is in the product at night', () => {
    const tip = { ...rule('tip', count('open', 1)), send: { channel: 'in-app', kind: 'modal', content: {} } }
    const user = life(engineWith([tip], { quietHours: { from: '21:00', to: '08:00' } }))
    user.does('open', START, { timezone: 'America/Los_Angeles' })
    expect(user.short()).toEqual(['tip sent 0h'])
  })

  it('sends nothing to people who were not asked, and nothing for the past to people who agree later', () => {
    const user = life(engineWith([rule('welcome', count('open', 1)), rule('more', count('open', 2))], { consent: {} }))
    user.does('open', START)
    user.does('open', START + HOUR, { consent: { categoryPreferences: { marketing: true } } })
    expect(user.short()).toEqual(['welcome consent 0h', 'more sent 1h'])
  })
})

describe('a rebuild', () => {
  const rules = [rule('tip', count('open', 2))]

  it('does not send again what was sent, when a late event moves the moment', () => {
    const engine = engineWith(rules)
    const user = life(engine)
    user.does('open', START + HOUR)
    user.does('open', START + 2 * HOUR)
    user.rebuilt(engine, [track('open', START), track('open', START + HOUR), track('open', START + 2 * HOUR)], START + 3 * HOUR, 'decide')
    expect(user.short()).toEqual(['tip sent 2h'])
  })

  it('does not send what one of two had been sent, though it was held back for the other', () => {
    const engine = engineWith(rules)
    const past = (standing: { since: number; retryAt?: number }): Past => ({
      asOf: { at: START + HOUR, tie: 'm' },
      memberships: {},
      rules: { tip: standing },
      sends: [],
    })
    const events = [track('open', START), track('open', START + HOUR)]
    const [held, sent] = [past({ since: START + HOUR, retryAt: START + 2 * HOUR }), past({ since: START + HOUR })]
    for (const previous of [
      [held, sent],
      [sent, held],
    ]) {
      const { nextWake, decisions } = engine.rebuild('u', events, previous, START + 3 * HOUR, 'decide')
      expect([decisions, nextWake]).toEqual([[], undefined])
    }
  })

  it('does not send twice for one rise that was over before two became one', () => {
    const engine = engineWith(rules)
    const events = [track('open', START), track('open', START + HOUR)]
    const sends = [{ rule: 'tip', channel: 'email', since: START + HOUR, at: START + HOUR }]
    const past: Past = { asOf: { at: START + HOUR, tie: 'm' }, memberships: {}, rules: {}, sends }
    const step = engine.rebuild('u', events, [past], START + 3 * HOUR, 'decide')
    expect([step.decisions, step.profile.sends]).toEqual([[], sends])
  })

  it('sends what a late event makes true only now', () => {
    const engine = engineWith(rules)
    const user = life(engine)
    user.does('open', START + HOUR)
    user.rebuilt(engine, [track('open', START), track('open', START + HOUR)], START + 3 * HOUR, 'decide')
    expect(user.short()).toEqual(['tip sent 3h'])
  })

  it('fires nothing for the past under a new definition', () => {
    const user = life(engineWith([]))
    user.does('open', START)
    user.does('open', START + HOUR)
    const changed = engineWith(rules)
    user.rebuilt(changed, [track('open', START), track('open', START + HOUR)], START + 3 * HOUR, 'silent')
    expect(user.short()).toEqual([])
    expect(changed.pastOf(user.profile()).rules['tip']).toEqual({ since: START + HOUR })
  })
})

describe('a queued message', () => {
  it('stands while its rule is true, and falls when the user has come back or withdrawn consent', () => {
    const engine = engineWith([rule('come-back', inactive)])
    const user = life(engine)
    user.does('open', START)
    user.passes(START + DAY)
    const message = {
      ...(user.ledger[0]?.message as NonNullable<Decision['message']>),
      key: 'k',
      profile: 'u',
      rule: 'come-back',
      decidedAt: 0,
      state: 'queued',
      attempts: 0,
      notBefore: 0,
    } as const
    expect(engine.stands(user.profile(), message, START + DAY)).toEqual({ stands: true })
    user.does('open', START + DAY + HOUR)
    expect(engine.stands(user.profile(), message, START + DAY + HOUR)).toEqual({ stands: false, reason: 'its condition is no longer true' })
    user.does('open', START + DAY + HOUR, { consent: { categoryPreferences: { marketing: false } } })
    expect(engine.stands(user.profile(), message, START + DAY + HOUR)).toEqual({ stands: false, reason: 'consent was withdrawn' })
  })

  it('waits when the quiet hours have begun since it was decided on', () => {
    const engine = engineWith([rule('welcome', count('open', 1))], { quietHours: { from: '21:00', to: '08:00' } })
    const user = life(engine)
    user.does('open', START)
    const message = {
      ...(user.ledger[0]?.message as NonNullable<Decision['message']>),
      key: 'k',
      profile: 'u',
      rule: 'welcome',
      decidedAt: 0,
      state: 'queued',
      attempts: 1,
      notBefore: 0,
    } as const
    expect(engine.stands(user.profile(), message, START + 12 * HOUR)).toEqual({ stands: true, notBefore: START + 22 * HOUR })
  })
})
