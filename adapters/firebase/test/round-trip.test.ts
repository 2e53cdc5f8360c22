import type { CanonicalEvent, JsonObject } from '@waymark/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CONSENT, rowOfName } from '../src/mapping.ts'
import { fromMeasurement } from '../src/measurement/from-measurement.ts'
import { toMeasurement } from '../src/measurement/to-measurement.ts'
import { validate } from '../src/measurement/validate.ts'
import { RESERVED_EVENTS, RESERVED_PROPERTIES } from '../src/names.ts'
import { bodyOf, lanesOf } from '../src/sink/requests.ts'
import { createNews } from '../src/sources/news.ts'
import { APP, event, INSTANCE, NOW } from './events.ts'

const TAG = 'a'.repeat(16)

/** Out as the sink sends it, and in as another plugin's endpoint reads it. */
function there(one: CanonicalEvent) {
  const piece = toMeasurement(one, { kind: 'app', instance: INSTANCE, tag: TAG, now: NOW })
  if (!piece.ok) throw new Error(piece.reason)
  return piece.value === undefined ? undefined : bodyOf(lanesOf([{ ...piece.value, index: 0, stream: APP, kind: 'app' }])[0]![0]!)
}

function back(body: object): readonly CanonicalEvent[] {
  const readings = fromMeasurement(JSON.parse(JSON.stringify(body)) as Record<string, unknown>, {
    source: 'app',
    stream: APP,
    kind: 'app',
    receivedAt: NOW,
    news: createNews(),
    id: () => 'generated',
  })
  return readings.flatMap((reading) => (reading.kind === 'event' && reading.event.type !== 'alias' ? [reading.event] : []))
}

const isFree = (name: string) =>
  !/^(ga_|google_|firebase_|waymark_)/.test(name) && !RESERVED_EVENTS.has(name) && !RESERVED_PROPERTIES.has(name) && rowOfName(name) === undefined
const name = (length: number) => fc.stringMatching(new RegExp(`^[A-Za-z][A-Za-z0-9_]{0,${length - 1}}$`)).filter(isFree)
const isPlain = (key: string) => !/^(page_|screen_|group_id$|items$|name$|url$|title$|referrer$)/.test(key)
const text = (length: number) => fc.string({ maxLength: length, unit: 'grapheme-ascii' })
const value = (length: number) =>
  fc.oneof(
    text(length),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number || 0),
  )
const properties = fc.dictionary(name(40).filter(isPlain), value(100), { maxKeys: 24, noNullPrototype: true })
const traits = fc.dictionary(name(24).filter(isPlain), value(36), { minKeys: 1, maxKeys: 25, noNullPrototype: true })
const when = fc.integer({ min: NOW - 200 * 3_600_000, max: NOW })
const consent = fc.option(
  fc
    .record(Object.fromEntries(Object.keys(CONSENT).map((kind) => [kind, fc.boolean()])), { noNullPrototype: true })
    .map((categoryPreferences) => ({ consent: { categoryPreferences } })),
  { nil: {} },
)
const fit = fc.record({ timestamp: when, context: consent as fc.Arbitrary<JsonObject> }).chain((common) =>
  fc.oneof(
    fc.record({ event: name(40), properties }).map((own) => event({ ...common, ...own })),
    fc.record({ name: text(100).filter(Boolean), properties }).map((own) => event({ ...common, type: 'page', ...own })),
    fc.record({ name: text(100).filter(Boolean), properties }).map((own) => event({ ...common, type: 'screen', ...own })),
    fc.record({ groupId: text(100).filter(Boolean), traits: properties }).map((own) => event({ ...common, type: 'group', ...own })),
  ),
)

it('what fits comes back as it was', () => {
  fc.assert(
    fc.property(fit, (one) => {
      const [read, ...none] = back(there(one)!)
      expect(none).toEqual([])
      const { messageId: _, source: __, receivedAt: ___, context, ...rest } = read!
      const { messageId, source, receivedAt, context: was, ...expected } = one
      const most = 24 - (one.timestamp < NOW - 72 * 3_600_000 ? 1 : 0) - (one.type === 'track' ? 0 : 1)
      fc.pre(Object.keys({ ...one.properties, ...one.traits }).length <= most)
      expect(rest).toEqual(expected)
      expect(context['consent']).toEqual(was['consent'])
    }),
    { numRuns: 300 },
  )
})

it('traits that fit come back as they were', () => {
  fc.assert(
    fc.property(traits, (own) => {
      expect(back(there(event({ type: 'identify', traits: own }))!)).toMatchObject([
        { type: 'identify', traits: own, userId: 'u1', anonymousId: INSTANCE, timestamp: NOW - 1000 },
      ])
    }),
  )
})

it('anything at all becomes what Google takes, and changes no more the second time', () => {
  const anything = fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<never>, { noNullPrototype: true })
  const odd = fc.oneof(
    fc.record({ event: fc.string({ minLength: 1, unit: 'binary' }), properties: anything }).map((own) => event(own)),
    anything.map((own) => event({ type: 'identify', traits: own })),
    anything.map((own) => event({ type: 'page', properties: own })),
  )
  fc.assert(
    fc.property(odd, (one) => {
      const body = there(one)
      if (body === undefined) return
      expect(validate(body, 'app')).toEqual([])
      const [read] = back(body)
      if (read === undefined) return
      const again = there(read)!
      expect(again.events[0]?.name).toBe(body.events[0]?.name)
      expect(validate(again, 'app')).toEqual([])
    }),
    { numRuns: 300 },
  )
})
