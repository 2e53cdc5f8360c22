import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { CanonicalEvent } from '../src/event.ts'
import type { JsonObject } from '../src/json.ts'
import { definePlan } from '../src/plan/define-plan.ts'
import { validateEvent } from '../src/plan/validate-event.ts'
import type { Schema } from '../src/schema.ts'

function foreign(validate: Schema<object>['~standard']['validate']): Schema<object> {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

function fails(message: string): never {
  throw new Error(message)
}

const plan = definePlan({
  events: {
    feature_used: z.object({ feature: z.string(), advanced: z.boolean().default(false) }),
    step_completed: v.object({ step: v.string(), index: v.optional(v.number()) }),
    skipped: type({ screen: 'string', 'at?': 'string.date.parse' }),
    trial_started: z.object({ ends: z.coerce.date(), plan: z.object({ seats: z.coerce.number() }).optional() }),
    big: z.object({ n: z.string().transform((text) => BigInt(text)) }),
    asynchronous: z.object({ code: z.string().refine(async (code) => code !== 'taken') }),
    throwing: z.object({ count: z.string().transform((text) => Number(BigInt(text))) }),
    failing: v.pipe(
      v.object({ code: v.string() }),
      v.check(() => fails('no network')),
    ),
    polluting: foreign(() => ({ value: JSON.parse('{"__proto__":{"admin":true}}') })),
    rejecting: foreign(() => Promise.reject(new Error('down'))),
  },
  traits: z.object({ email: z.email(), plan: z.string().default('free'), seats: z.coerce.number().optional() }),
})

function track(event: string, properties: JsonObject = {}): CanonicalEvent {
  return { ...identify({}), type: 'track', event, properties }
}

function identify(traits: JsonObject): CanonicalEvent {
  return { type: 'identify', messageId: 'm', userId: 'u', timestamp: 1, receivedAt: 1, properties: {}, traits, context: {}, integrations: {}, source: 'test' }
}

function accepted(event: CanonicalEvent): CanonicalEvent {
  const result = validateEvent(plan, event)
  if (!result.ok) throw new Error(result.reason)
  return result.value
}

function reason(event: CanonicalEvent): string {
  const result = validateEvent(plan, event)
  if (result.ok) throw new Error('accepted')
  return result.reason
}

describe('a track event', () => {
  it('comes back as it is, the same object, where the schema changes nothing', () => {
    for (const event of [
      track('feature_used', { feature: 'A', advanced: true, extra: { list: [1] } }),
      track('step_completed', { step: 'one' }),
      track('skipped', { screen: 'welcome' }),
      track('trial_started', { ends: '2027-01-01T00:00:00.000Z', plan: { seats: 3 } }),
    ]) {
      expect(accepted(event)).toBe(event)
    }
  })

  it('gets defaults and coercions, and keeps what the schema does not name', () => {
    expect(accepted(track('feature_used', { feature: 'A', extra: 1 })).properties).toEqual({ feature: 'A', advanced: false, extra: 1 })
    expect(accepted(track('trial_started', { ends: '2027-01-01', plan: { seats: '3' } })).properties).toEqual({
      ends: '2027-01-01T00:00:00.000Z',
      plan: { seats: 3 },
    })
    expect(accepted(track('skipped', { screen: 'a', at: '2027-01-01' })).properties).toEqual({ screen: 'a', at: '2027-01-01T00:00:00.000Z' })
  })

  it('is JSON afterwards: it survives being written and read', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.date({ noInvalidDate: true }), (extra, feature, ends) => {
        for (const event of [
          track('feature_used', { ...(extra as JsonObject), feature }),
          track('trial_started', { ...(extra as JsonObject), ends: ends.toISOString() }),
        ]) {
          const result = validateEvent(plan, JSON.parse(JSON.stringify(event)))
          if (!result.ok) continue
          expect(JSON.parse(JSON.stringify(result.value))).toEqual(result.value)
          for (const key of Object.keys(extra)) expect(Object.hasOwn(result.value.properties, key)).toBe(true)
        }
      }),
    )
  })

  it('is refused with the property and what was expected, whichever library says so', () => {
    expect(reason(track('feature_used', { feature: 3 }))).toBe('feature_used.properties.feature: Invalid input: expected string, received number')
    expect(reason(track('step_completed', { step: 3 }))).toBe('step_completed.properties.step: Invalid type: Expected string but received 3')
    expect(reason(track('skipped', {}))).toBe('skipped.properties.screen: screen must be a string (was missing)')
    expect(reason(track('feature_used', { advanced: 'yes' }))).toMatch(/^feature_used\.properties\.feature: .*; feature_used\.properties\.advanced: /)
  })

  it('is refused when the plan does not know it, with what was probably meant', () => {
    expect(reason(track('Feature Used'))).toBe("Feature Used: the plan has no such event. Did you mean 'feature_used'?")
    expect(reason(track('xyzzy'))).toBe('xyzzy: the plan has no such event.')
    expect(reason(track('toString'))).toBe('toString: the plan has no such event.')
    expect(reason(track('__proto__'))).toBe('__proto__: the plan has no such event.')
  })

  it('passes when every plan knows it', () => {
    for (const event of [track('waymark_message_dismissed', { rule: 'r' }), track('Application Opened', {})]) expect(accepted(event)).toBe(event)
  })

  it('is refused when what the schema yields is not JSON, or the schema throws', () => {
    expect(reason(track('big', { n: '9' }))).toBe('big.properties.n: its schema yields a bigint, which JSON cannot hold')
    expect(reason(track('failing', { code: 'x' }))).toBe('failing.properties: its schema threw: no network')
    expect(accepted(track('throwing', { count: '12' })).properties).toEqual({ count: 12 })
    expect(reason(track('throwing', { count: 'many' }))).toBe('throwing.properties: its schema is asynchronous or threw; schemas of a plan answer at once')
  })

  it('does not take a prototype from its properties', () => {
    const event = accepted(track('feature_used', JSON.parse('{"feature":"A","__proto__":{"admin":true}}')))
    expect(Object.getPrototypeOf(event.properties)).toBe(Object.prototype)
    expect((event.properties as { admin?: boolean }).admin).toBeUndefined()
    expect((accepted(track('polluting')).properties as { admin?: boolean }).admin).toBeUndefined()
  })

  it('is refused by an asynchronous schema, which lets no rejection escape', async () => {
    for (const name of ['asynchronous', 'rejecting']) {
      expect(reason(track(name, { code: 'x' }))).toBe(`${name}.properties: its schema is asynchronous or threw; schemas of a plan answer at once`)
    }
    await new Promise((resolve) => setImmediate(resolve))
  })
})

describe('an identify call', () => {
  it('is not held to traits that it does not carry', () => {
    for (const traits of [{}, { nickname: 'Ada' }, { plan: 'pro' }]) expect(accepted(identify(traits)).traits).toEqual(traits)
  })

  it('gets coercions, but no default over what is known of the user', () => {
    expect(accepted(identify({ email: 'a@b.co', seats: '3' })).traits).toEqual({ email: 'a@b.co', seats: 3 })
  })

  it('is refused for a trait it carries', () => {
    expect(reason(identify({ email: 'nobody' }))).toBe('identify.traits.email: Invalid email address')
  })
})

describe('anything else', () => {
  it('passes', () => {
    for (const kind of ['page', 'screen', 'group', 'alias'] as const) {
      const event: CanonicalEvent = { ...identify({ email: 5 }), type: kind }
      expect(accepted(event)).toBe(event)
    }
  })

  it('any schema that yields something else than an object is refused, not crashed on', () => {
    const odd: Schema = { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: 'text' }) } }
    expect(validateEvent({ events: { odd }, traits: odd }, track('odd'))).toEqual({ ok: false, reason: 'odd.properties: its schema does not yield an object' })
  })
})

it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 9e15])('a moment of %s is refused', (time) => {
  expect(reason({ ...identify({}), timestamp: time })).toBe(`timestamp: ${time} is not a moment in whole epoch milliseconds`)
  expect(reason({ ...identify({}), receivedAt: time })).toBe(`receivedAt: ${time} is not a moment in whole epoch milliseconds`)
})
