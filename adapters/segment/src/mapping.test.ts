import { readFileSync } from 'node:fs'
import type { CanonicalEvent } from '@waymark/core'
import { EVENT_TYPES } from '@waymark/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromSegment } from './from-segment.ts'
import { ALSO_AT, CARRIES } from './mapping.ts'
import { toSegment } from './to-segment.ts'

it('is what the README says it is', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const carried = Object.entries(CARRIES).flatMap(([kind, fields]) =>
    Object.entries(fields).map(([theirs, ours]) => `| ${kind} | \`${theirs}\` | \`${ours}\` |`),
  )
  const also = Object.entries(ALSO_AT).map(([ours, theirs]) => `| any | ${theirs.map((one) => `\`${one}\``).join(', ')} | \`${ours}\`, where there is none |`)
  const table = /\| kind \| Segment \| here \|\n\| --- \| --- \| --- \|\n((?:\|.*\n)+)/.exec(readme)?.[1]
  expect(table?.trim().split('\n')).toEqual([...carried, ...also])
})

describe('there and back', () => {
  const id = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }).map((text) => `id${text}`)
  const json = fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => !['__proto__', 'category', 'groupId', 'previousId', 'toJSON', 'valueOf', 'toString'].includes(key)),
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.boolean(), fc.integer(), fc.constant(null)),
  )
  const kind = fc.constantFrom(...EVENT_TYPES)

  it('loses only what the README says is lost', () => {
    fc.assert(
      fc.property(kind, id, id, id, json, json, fc.integer({ min: 0, max: 1e12 }), (type, userId, anonymousId, name, properties, traits, timestamp) => {
        const event: CanonicalEvent = {
          type,
          ...(type === 'track' ? { event: name } : {}),
          ...(type === 'page' || type === 'screen' ? { name } : {}),
          ...(type === 'group' ? { groupId: name } : {}),
          ...(type === 'alias' ? { previousId: `before-${userId}` } : {}),
          ...{ messageId: 'm', userId, anonymousId, timestamp, receivedAt: 2e12, source: 'web', context: { locale: 'nb' }, integrations: { X: true } },
          properties: type === 'identify' || type === 'group' || type === 'alias' ? {} : properties,
          traits: type === 'identify' || type === 'group' ? traits : {},
        }
        const call = toSegment(event, 'WK')
        if (!call.ok) throw new Error(call.reason)
        const wire = { ...JSON.parse(JSON.stringify(call.value.parameters)), type: call.value.method }
        const back = fromSegment(wire, { source: 'web', receivedAt: 2e12, measure: true, id: () => 'none' })
        if (back.kind !== 'event') throw new Error(JSON.stringify(back))
        expect(back.event).toEqual({ ...event, messageId: call.value.parameters.messageId, context: { ...event.context, waymark: expect.anything() } })
      }),
    )
  })
})
