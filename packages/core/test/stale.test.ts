import { describe, expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import { TRUE } from '../src/behaviour/truth.ts'
import type { Decision } from '../src/decision.ts'
import { createEngine, type Engine } from '../src/engine/engine.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Profile } from '../src/profile.ts'
import type { Segment } from '../src/segment.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A Monday, 10:00 UTC. */
const START = Date.UTC(2026, 2, 2, 10)

const inactive: Condition = { kind: 'inactive', for: DAY }
const tried: Condition = { kind: 'did', event: 'tried', where: [], measure: { of: 'count' }, compare: 'atLeast', value: 1 }

/** What time alone brings about sends nothing after a day; night is from nine to eight. */
function engineWith({ staleAfter, segments = [] }: { readonly staleAfter?: number; readonly segments?: readonly Segment[] } = { staleAfter: DAY }): Engine {
  const send = { channel: 'email', kind: 'template', content: {} }
  return createEngine({
    segments: [
      ...segments,
      {
        id: 'presence',
        members: [
          { name: 'away', when: inactive },
          { name: 'here', when: { kind: 'otherwise' } },
        ],
      },
    ],
    rules: [
      { id: 'come-back', when: inactive, send },
      { id: 'tip', when: tried, send, limit: { max: 1, per: '7d' } },
    ],
    governance: { consent: { unset: { marketing: 'granted' } }, quietHours: { from: '21:00', to: '08:00' } },
    channels: { email: { purpose: 'marketing', reach: 'outside' } },
    ...(staleAfter === undefined ? {} : { staleAfter }),
  })
}

function track(event: string, at: number, receivedAt = at): CanonicalEvent {
  const empty = { properties: {}, traits: {}, context: {}, integrations: {} }
  return { type: 'track', event, messageId: `${event}-${at}`, userId: 'u', timestamp: at, receivedAt, source: 'test', ...empty }
}

const told = (decisions: readonly Decision[]) => decisions.map(({ rule, guard, outcome, at }) => `${rule} ${guard ?? outcome} ${(at - START) / HOUR}h`)

function seen(engine: Engine, event: CanonicalEvent): Profile {
  return engine.step(undefined, 'u', { kind: 'event', event }, event.receivedAt).profile
}

describe('what time alone brings about', () => {
  it('is sent up to so long after its moment, and then no more; the membership changes all the same', () => {
    const engine = engineWith()
    const user = seen(engine, track('open', START))
    for (const [late, outcome] of [
      [0, 'sent'],
      [DAY, 'sent'],
      [DAY + 1, 'stale'],
      [30 * DAY, 'stale'],
    ] as const) {
      const step = engine.step(user, 'u', { kind: 'tick', at: START + DAY }, START + DAY + late)
      expect(told(step.decisions)).toEqual([`come-back ${outcome} ${24 + late / HOUR}h`])
      expect(engine.memberships(step.profile)).toEqual([{ segment: 'presence', member: 'away', since: START + DAY }])
      expect(step.profile.sends).toHaveLength(outcome === 'sent' ? 1 : 0)
      expect(step.nextWake).toBeUndefined()
    }
  })

  it('is not tried again for the same time, and is for the next', () => {
    const engine = engineWith()
    const skipped = engine.step(seen(engine, track('open', START)), 'u', { kind: 'tick', at: START + DAY }, START + 5 * DAY)
    const reading = engine.read(skipped.profile, START + 5 * DAY)
    expect(reading.rules[0]).toMatchObject({ rule: 'come-back', truth: TRUE, since: START + DAY })
    const back = engine.step(skipped.profile, 'u', { kind: 'event', event: track('open', START + 6 * DAY) }, START + 6 * DAY)
    expect(back.decisions).toEqual([])
    expect(told(engine.step(back.profile, 'u', { kind: 'tick', at: START + 7 * DAY }, START + 7 * DAY).decisions)).toEqual(['come-back sent 168h'])
  })

  it('is skipped alike where an event finds it undone', () => {
    const engine = engineWith()
    const user = seen(engine, track('open', START))
    for (const [late, outcome] of [
      [HOUR, 'sent'],
      [3 * DAY, 'stale'],
    ] as const) {
      const at = START + DAY + late
      const step = engine.step(user, 'u', { kind: 'event', event: track('open', at) }, at)
      expect(told(step.decisions)).toEqual([`come-back ${outcome} 24h`])
      expect(step.changes.map(({ to }) => to)).toEqual(['away', 'here'])
    }
  })

  it('is skipped alike where a late event has it come about long ago', () => {
    const engine = engineWith()
    const user = seen(engine, track('open', START + 10 * DAY))
    const history = [track('open', START, START + 10 * DAY), track('open', START + 10 * DAY)]
    const only = engine.rebuild(
      'u',
      [history[0] as CanonicalEvent],
      [engine.pastOf(seen(engine, track('identified', START + 5 * DAY)))],
      START + 10 * DAY,
      'decide',
    )
    expect(told(only.decisions)).toEqual(['come-back stale 240h'])
    expect(engine.rebuild('u', history, [engine.pastOf(user)], START + 10 * DAY, 'decide').decisions).toEqual([])
  })

  it('that a guard held back counts from when the guard let go', () => {
    const engine = engineWith()
    // It falls due at night: held back until eight.
    const held = engine.step(seen(engine, track('open', START + 13 * HOUR)), 'u', { kind: 'tick', at: START + 37 * HOUR }, START + 37 * HOUR)
    expect(told(held.decisions)).toEqual(['come-back quiet-hours 37h'])
    const eight = START + 46 * HOUR
    expect(held.nextWake).toBe(eight)
    const tick = { kind: 'tick', at: eight } as const
    expect(told(engine.step(held.profile, 'u', tick, eight + 24 * HOUR).decisions)).toEqual(['come-back sent 70h'])
    expect(told(engine.step(held.profile, 'u', tick, eight + 25 * HOUR).decisions)).toEqual(['come-back stale 71h'])
  })

  it('that a guard held back is not older for something else that fell due meanwhile', () => {
    const engine = engineWith({ staleAfter: DAY, segments: [{ id: 'absence', members: [{ name: 'long', when: { ...inactive, for: 30 * HOUR } }] }] })
    const held = engine.step(seen(engine, track('open', START + 13 * HOUR)), 'u', { kind: 'tick', at: START + 37 * HOUR }, START + 37 * HOUR)
    const long = START + 43 * HOUR
    expect(held.nextWake).toBe(long)
    expect(told(engine.step(held.profile, 'u', { kind: 'tick', at: long }, START + 70 * HOUR).decisions)).toEqual(['come-back sent 70h'])
  })

  it('is sent however late without such a bound', () => {
    const engine = engineWith({})
    const step = engine.step(seen(engine, track('open', START)), 'u', { kind: 'tick', at: START + DAY }, START + 30 * DAY)
    expect(told(step.decisions)).toEqual(['come-back sent 720h'])
  })
})

describe('what an event brings about', () => {
  it('is sent whatever its age: whoever was offline for days is answered', () => {
    const engine = engineWith()
    const event = track('tried', START, START + 5 * DAY)
    expect(told(engine.step(undefined, 'u', { kind: 'event', event }, event.receivedAt).decisions)).toEqual(['tip sent 120h'])
    const user = seen(engine, track('open', START + DAY, START + DAY))
    const rebuilt = engine.rebuild('u', [event, track('open', START + DAY)], [engine.pastOf(user)], START + 5 * DAY, 'decide')
    expect(told(rebuilt.decisions)).toEqual(['tip sent 120h'])
  })
})

it('the same under another bound is the same definition', () => {
  expect(engineWith({ staleAfter: HOUR }).fingerprint).toBe(engineWith({}).fingerprint)
})
