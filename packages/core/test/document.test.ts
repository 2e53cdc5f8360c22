import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Condition } from '../src/behaviour/ast.ts'
import { readCondition, readSegment, writeCondition, writeSegment } from '../src/document.ts'
import { WaymarkError } from '../src/errors.ts'
import { definePlan } from '../src/plan/define-plan.ts'
import { condition, scenario } from './arbitraries.ts'

const schema = z.object({})
const plan = definePlan({ events: { a: schema, b: schema, c: schema, signed_up: z.object({ plan: z.string() }) }, traits: schema })
const { did, inSegment, otherwise } = plan.behaviour
const segment = plan.segments('engagement', { engaged: did('a').atLeast(3), 'at-risk': otherwise })
const document = writeSegment(segment)

function problem(read: () => unknown): readonly (string | undefined)[] {
  try {
    read()
    return []
  } catch (error) {
    if (!WaymarkError.is(error)) throw error
    return [error.code, error.place]
  }
}

describe('a document', () => {
  it('is stable', () => {
    expect(JSON.stringify(document)).toBe(
      '{"waymark":"segment","version":1,"id":"engagement","members":[{"name":"engaged","when":{"kind":"did","event":"a","where":[],' +
        '"measure":{"of":"count"},"compare":"atLeast","value":3}},{"name":"at-risk","when":{"kind":"otherwise"}}]}',
    )
    expect(JSON.stringify(writeCondition(did('a').condition))).toBe(
      '{"waymark":"condition","version":1,"condition":{"kind":"did","event":"a","where":[],"measure":{"of":"count"},"compare":"atLeast","value":1}}',
    )
  })

  it('reads as what was written, as text and parsed', () => {
    fc.assert(
      fc.property(condition, (one) => {
        const text = JSON.stringify(writeCondition(one))
        expect(readCondition(text, { plan })).toEqual(one)
        expect(readCondition(JSON.parse(text))).toEqual(one)
        expect(JSON.stringify(writeCondition(readCondition(text)))).toBe(text)
      }),
    )
    fc.assert(
      fc.property(scenario, ({ segments, conditions }) => {
        for (const each of segments) expect(readSegment(JSON.stringify(writeSegment(each)), { plan, segments })).toEqual(each)
        for (const each of conditions) expect(readCondition(JSON.stringify(writeCondition(each)), { segments })).toEqual(each)
      }),
    )
  })

  it('is read whatever else it may be, or refused, and never breaks', () => {
    const fields = fc.record({ waymark: fc.constant('segment'), version: fc.constant(1), id: fc.jsonValue(), members: fc.jsonValue() })
    fc.assert(fc.property(fc.oneof(fc.anything(), fc.string(), fields), (value) => problem(() => readSegment(value)).length === 2))
  })

  it.each<[string, unknown, string, string]>([
    ['no JSON', '{ "waymark": ', 'DOCUMENT_INVALID', 'document'],
    ['no object', [], 'DOCUMENT_INVALID', 'waymark'],
    ['a bare segment', segment, 'DOCUMENT_INVALID', 'waymark'],
    ['a document of another kind', writeCondition(did('a').condition), 'DOCUMENT_INVALID', 'waymark'],
    ['no version', { ...document, version: undefined }, 'DOCUMENT_INVALID', 'version'],
    ['a version before the first', { ...document, version: 0 }, 'DOCUMENT_INVALID', 'version'],
    ['a version that came later', { ...document, version: 2, new: 'field' }, 'DOCUMENT_NEWER', 'version'],
    ['a field that there is not', { ...document, name: 'x' }, 'DOCUMENT_INVALID', 'name'],
    ['no name', { ...document, id: '' }, 'DOCUMENT_INVALID', 'id'],
    ['no members', { ...document, members: [] }, 'DOCUMENT_INVALID', 'members'],
    [
      'a condition that is none',
      { ...document, members: [{ name: 'm', when: { ...did('a').condition, value: 0 } }] },
      'DOCUMENT_INVALID',
      "members[0] 'm' .when.value",
    ],
    ['a member twice', { ...document, members: [document.members[0], document.members[0]] }, 'DOCUMENT_INVALID', "members[1] 'engaged' .name"],
    ['one that asks for itself', { ...document, members: [{ name: 'm', when: inSegment(segment, 'engaged').condition }] }, 'DOCUMENT_INVALID', 'members'],
    ['a prototype', JSON.stringify(document).replace('{', '{"__proto__":{"polluted":1},'), 'DOCUMENT_INVALID', '__proto__'],
    [
      'a prototype inside',
      JSON.stringify(document).replace('"when":{', '"when":{"__proto__":{"polluted":1},'),
      'DOCUMENT_INVALID',
      "members[0] 'engaged' .when.__proto__",
    ],
    ['a name that every object has', { ...document, id: '__proto__' }, 'DOCUMENT_INVALID', 'id'],
    ['something without a bottom', '['.repeat(100_000) + ']'.repeat(100_000), 'DOCUMENT_INVALID', 'document'],
  ])('refuses %s', (_, value, code, place) => {
    expect(problem(() => readSegment(value))).toEqual([code, place])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('is held to the plan and the segments that it is given', () => {
    const ask = writeCondition(inSegment(segment, 'engaged').condition)
    const unknown = writeCondition({ ...did('a').condition, event: 'z' } as Condition)
    expect(problem(() => readCondition(unknown))).toEqual([])
    expect(problem(() => readCondition(unknown, { plan }))).toEqual(['DOCUMENT_INVALID', 'condition.event'])
    expect(problem(() => readCondition(ask))).toEqual([])
    expect(problem(() => readCondition(ask, { segments: [segment] }))).toEqual([])
    expect(problem(() => readCondition(ask, { segments: [] }))).toEqual(['DOCUMENT_INVALID', 'condition.segment'])
    const other = { id: 'other', members: [{ name: 'm', when: inSegment(segment, 'engaged').condition }] }
    const round = { ...document, members: [{ name: 'engaged', when: { kind: 'inSegment', segment: 'other', member: 'm' } }] }
    expect(problem(() => readSegment(round, { segments: [other, segment] }))).toEqual(['DOCUMENT_INVALID', 'members'])
  })

  it('lists all that is wrong, with what to do', () => {
    const read = () => readCondition({ waymark: 'condition', version: 1, condition: { kind: 'inactive', for: '24h', since: 1 } })
    expect(read).toThrow(`the condition has 2 problems:

  condition.since
    there is no such field.
    → use kind or for, or take it out

  condition.for
    '24h' is not a length of time`)
  })

  it('is not written of what could not be read', () => {
    expect(() => writeCondition({ kind: 'inactive', for: Number.NaN })).toThrow('condition.for')
    expect(() => writeSegment({ id: 's', members: [] })).toThrow('members')
  })
})
