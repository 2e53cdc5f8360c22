import { readFileSync } from 'node:fs'
import type { CanonicalEvent, JsonObject } from '@waymark/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromAmplitude } from '../src/from-amplitude.ts'
import { CONTEXT, EVENT, EXPORTED, NAMED, PAGE, PLACE, REVENUE, SCREEN } from '../src/mapping.ts'
import { toAmplitude } from '../src/to-amplitude.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replace(/ +/g, ' ')

it.each([EVENT, CONTEXT, PLACE, NAMED, PAGE, SCREEN, REVENUE, EXPORTED].flatMap((table) => Object.entries(table)))(
  'the README has %s <-> %s',
  (left, right) => {
    expect(README).toContain(`| \`${left}\` | \`${right}\` |`)
  },
)

const TAG = '0123456789abcdef'
const name = fc.stringMatching(/^[a-z][a-z_]{0,11}$/).filter((one) => !['name', 'url', 'path'].includes(one))
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((one) => one.isWellFormed())
const leaf = fc.oneof(text, fc.boolean(), fc.integer(), fc.constant(null), fc.array(text, { maxLength: 3 }))
const properties = fc.dictionary(name, leaf, { maxKeys: 5, noNullPrototype: true }) as fc.Arbitrary<JsonObject>
const id = fc.stringMatching(/^[a-z]{6}-\d{3}$/)

const surroundings: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      ...Object.fromEntries(Object.keys(CONTEXT).map((path) => [path, fc.stringMatching(/^[a-zA-Z0-9.]{1,12}$/)])),
      ...Object.fromEntries(Object.keys(PLACE).map((path) => [path, fc.integer({ min: -90, max: 90 })])),
      'context.sessionId': fc.integer({ min: 1, max: 2 ** 45 }),
      'context.groups': fc.dictionary(name, fc.array(id, { minLength: 1, maxLength: 3 }), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
    },
    { requiredKeys: [] },
  )
  .map((paths) => Object.entries(paths).reduce<JsonObject>((whole, [path, value]) => within(whole, path.split('.').slice(1), value as JsonObject), {}))

/** The object with a value at the end of the way. */
function within(whole: JsonObject, [key = '', ...rest]: readonly string[], value: JsonObject): JsonObject {
  return { ...whole, [key]: rest.length === 0 ? value : within((whole[key] ?? {}) as JsonObject, rest, value) }
}

interface Sample {
  readonly messageId: string
  readonly who: readonly ('userId' | 'anonymousId')[]
  readonly id: string
  readonly type: string
  readonly title: string
  readonly values: JsonObject
  readonly context: JsonObject
}

const happened: fc.Arbitrary<Sample> = fc.record({
  messageId: id,
  who: fc.constantFrom<readonly ('userId' | 'anonymousId')[]>(['userId'], ['anonymousId'], ['userId', 'anonymousId']),
  id,
  type: fc.constantFrom('track', 'page', 'screen', 'identify', 'group'),
  title: text,
  values: properties,
  context: surroundings,
})

function canonical({ messageId, who, id, type, title, values, context }: Sample): CanonicalEvent {
  const { groups, ...rest } = context
  const isActivity = type === 'track' || type === 'page' || type === 'screen'
  return {
    type,
    ...(type === 'track' ? { event: title } : type === 'page' || type === 'screen' ? { name: title } : {}),
    ...(type === 'group' ? { groupId: title } : {}),
    messageId,
    ...Object.fromEntries(who.map((field) => [field, `${field}-${id}`])),
    timestamp: Date.UTC(2024, 0, 2),
    receivedAt: Date.UTC(2024, 0, 3),
    properties: isActivity ? values : {},
    traits: isActivity ? {} : values,
    context: isActivity && groups !== undefined ? { ...rest, groups } : rest,
    integrations: {},
    source: 'web',
  } as CanonicalEvent
}

it('comes back as it went, but for what the README says is lost', () => {
  fc.assert(
    fc.property(happened, (sample) => {
      const event = canonical(sample)
      const sent = toAmplitude(event, { tag: TAG, groupType: 'group' })
      expect(sent.ok).toBe(true)
      if (!sent.ok) return
      const arrival = { source: 'web', receivedAt: event.receivedAt, groupType: 'group', id: () => 'none' }
      const back = sent.value.flatMap(({ event: wire }) =>
        fromAmplitude(JSON.parse(JSON.stringify(wire)), arrival).readings.flatMap((reading) => (reading.kind === 'event' ? [reading.event] : [])),
      )
      const came = (part: Partial<CanonicalEvent>, more: object = {}) => ({
        ...event,
        ...part,
        context: { ...event.context, waymark: { through: [TAG] }, ...more },
      })
      const auto = event.type === 'page' || event.type === 'screen' ? { auto: true } : {}
      if (event.type !== 'group') {
        expect(back).toEqual([came({}, auto)])
        return
      }
      // Who is in the group and what the group is are two events there; the second is nobody's.
      const { userId: _user, anonymousId: _device, ...groups } = came({ messageId: `${event.messageId}:1` })
      expect(back).toEqual([came({ traits: {} }), ...(Object.keys(event.traits).length === 0 ? [] : [groups])])
    }),
    { numRuns: 500 },
  )
})

it('reads whatever comes, and answers with a reason', () => {
  const arrival = { source: 'web', receivedAt: 1_700_000_000_000, groupType: 'group', id: () => 'made' }
  const wire = fc.record(
    Object.fromEntries(
      ['user_id', 'device_id', 'event_type', 'time', 'insert_id', 'event_properties', 'user_properties', 'groups', 'session_id', 'library'].map((field) => [
        field,
        fc.oneof(fc.jsonValue(), fc.constantFrom('$identify', 'session_start')),
      ]),
    ),
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), wire), (value) => {
      const { readings, fault } = fromAmplitude(value, arrival)
      expect(readings.length).toBeGreaterThan(0)
      expect(readings.some(({ kind }) => kind === 'rejected')).toBe(fault !== undefined)
    }),
    { numRuns: 500 },
  )
})
