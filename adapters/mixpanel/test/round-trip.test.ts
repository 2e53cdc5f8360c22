import type { CanonicalEvent, Json, JsonObject } from '@waymark/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromEvent } from '../src/from-event.ts'
import { fromProfile } from '../src/from-profile.ts'
import { incomingName, outgoingName } from '../src/mapping.ts'
import { toMixpanel } from '../src/to-mixpanel.ts'

const NOW = Date.UTC(2026, 0, 2, 12)
const outgoing = { token: 'TOK', identity: 'simplified', groupKey: 'company', tag: 'tag', now: NOW } as const
const arrival = { source: 'web', receivedAt: NOW, groupKey: 'company', id: () => 'generated' }

const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/).filter((text) => !/^(mp|utm|company|waymark)/.test(text)),
  fc.constantFrom('token', 'time', 'bucket', 'own_time', '$ignore', 'alias', 'own_own_bucket'),
)
const leaf = fc.oneof(fc.string({ maxLength: 60 }), fc.integer(), fc.boolean(), fc.constant(null))
const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 4 }), fc.dictionary(name, leaf, { maxKeys: 3, noNullPrototype: true }))
const bag = fc.dictionary(name, value, { maxKeys: 6, noNullPrototype: true }) as fc.Arbitrary<JsonObject>
const id = fc.stringMatching(/^[a-z]{5}[0-9]{1,9}$/)
const ids = fc.oneof(fc.record({ userId: id }), fc.record({ anonymousId: id }), fc.record({ userId: id, anonymousId: id }))
const context = fc.record(
  {
    ip: id,
    page: fc.record({ url: id, title: id }),
    os: fc.record({ name: id }),
    app: fc.record({ version: id }),
    campaign: fc.record({ name: id, source: id }),
  },
  { requiredKeys: [] },
)
const common = fc.record({ messageId: fc.string({ minLength: 1, maxLength: 80 }), timestamp: fc.integer({ min: Date.UTC(1971, 1), max: NOW }) })

function written(event: object): readonly JsonObject[] {
  const parsed = toMixpanel(
    { receivedAt: NOW, properties: {}, traits: {}, context: {}, integrations: {}, source: 'x', ...event } as unknown as CanonicalEvent,
    outgoing,
  )
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.value.rows.map(({ row }) => row)
}
const read = (row: JsonObject): CanonicalEvent => {
  const reading = '$distinct_id' in row ? fromProfile(row, arrival)[0]! : fromEvent(row, arrival)
  if (reading.kind !== 'event') throw new Error(JSON.stringify(reading))
  return reading.event
}

it('brings a track event back with name, ids, time, properties, group and mapped context', () => {
  fc.assert(
    fc.property(common, ids, bag, context, fc.option(id), fc.stringMatching(/^\S[^\ud800-\udfff]{0,40}$/), (base, who, properties, known, groupId, event) => {
      const sent = { ...base, ...who, type: 'track', event, properties, context: known, ...(groupId === null ? {} : { groupId }) }
      const back = read(written(sent)[0]!)
      const { waymark: _, ...rest } = back.context
      expect({ ...back, context: rest }).toMatchObject({ type: 'track', event, ...who, timestamp: base.timestamp, ...(groupId === null ? {} : { groupId }) })
      expect(back.properties).toEqual(properties)
      expect(rest).toEqual(known)
      expect(
        Object.keys(back)
          .filter((key) => key.endsWith('Id') && key !== 'messageId')
          .toSorted(),
      ).toEqual([...Object.keys(who), ...(groupId === null ? [] : ['groupId'])].toSorted())
    }),
  )
})

it('brings ids and traits of an identify back, those that are gone as null', () => {
  fc.assert(
    fc.property(common, ids, bag, fc.constantFrom('email', 'firstName', 'plan'), leaf, (base, who, traits, mapped, worth) => {
      const wished: Record<string, Json | undefined> = { ...traits, [mapped]: worth as Json }
      const back = written({ ...base, ...who, type: 'identify', traits: wished }).map(read)
      expect(Object.assign({}, ...back.map((one) => one.traits))).toEqual(wished)
      expect(back.some((one) => Object.entries(who).every(([field, value]) => one[field as 'userId'] === value))).toBe(true)
    }),
  )
})

it('takes the same message to the same place at every attempt, and names back to themselves', () => {
  fc.assert(
    fc.property(common, bag, (base, properties) => {
      const event = { ...base, userId: 'u1', type: 'track', event: 'e', properties }
      expect(written(event)).toEqual(written(event))
    }),
  )
  fc.assert(
    fc.property(fc.oneof(name, fc.string()), (text) => {
      expect(incomingName(outgoingName(text, 'property'), 'property')).toBe(text)
    }),
  )
})
