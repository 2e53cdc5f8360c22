import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Condition, Did } from '../src/behaviour/ast.ts'
import { checkCondition } from '../src/behaviour/check.ts'
import type { Plan } from '../src/plan/plan.ts'
import type { Segment } from '../src/segment.ts'
import { condition } from './arbitraries.ts'

const schema = z.object({})
const plan: Plan = { events: { a: schema, b: schema, c: schema, signed_up: schema }, traits: schema }
const segments: readonly Segment[] = [{ id: 'engagement', members: [{ name: 'engaged', when: { kind: 'inactive', for: 1 } }] }]
const did: Did = { kind: 'did', event: 'a', where: [], measure: { of: 'count' }, compare: 'atLeast', value: 1 }
const test = { property: 'n', is: 'eq', value: 1 }
const step = { event: 'a', where: [] }

function places(condition: unknown): readonly string[] {
  return checkCondition(condition, plan, "rules[0] 'r' .when", segments).map(({ place, message }) => `${place}: ${message}`)
}

describe('checkCondition', () => {
  it('has nothing to say of conditions that can be told true from false', () => {
    fc.assert(
      fc.property(
        condition.filter(({ kind }) => kind !== 'otherwise'),
        (one) => places(withoutSingleUnits(one)).length === 0,
      ),
    )
  })

  it('never throws, and finds something in whatever is no condition', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => places(value).length > 0))
    fc.assert(
      fc.property(
        fc.constantFrom('all', 'any', 'not', 'did', 'sequence', 'inactive', 'trait', 'inSegment'),
        fc.object(),
        (kind, rest) => places({ ...rest, kind }).length > 0,
      ),
    )
  })

  it.each<[string, unknown, string]>([
    ['an event that the plan lacks', { ...did, event: 'signd_up' }, ".event: the plan has no event 'signd_up'. Did you mean 'signed_up'?"],
    ['an anchor that it lacks', { ...did, window: { length: 1, anchor: { event: 'z', where: [] } } }, ".window.anchor.event: the plan has no event 'z'."],
    ['a step that it lacks', { kind: 'sequence', steps: [step, { event: 'z', where: [] }] }, ".steps[1].event: the plan has no event 'z'."],
    ['at least 0', { ...did, value: 0 }, '.value: at least 0 is true of everybody'],
    ['less than nothing', { ...did, value: -1 }, '.value: -1 is not a count'],
    ['a part of an event', { ...did, value: 1.5 }, '.value: 1.5 is not a count'],
    ['too many values', { ...did, measure: { of: 'distinct', property: 'p' }, value: 1001 }, '.value: 1001 different values are more than a profile keeps'],
    ['too many moments', { ...did, window: { length: 1 }, value: 10_001 }, '.value: 10001 events in a sliding window are more than a profile keeps'],
    ['an endless sum', { ...did, measure: { of: 'sum', property: 'n' }, value: Number.POSITIVE_INFINITY }, '.value: Infinity is not a finite number'],
    ['a measure of nothing', { ...did, measure: { of: 'distinct' } }, '.measure.property: expected a name, found nothing'],
    ['a window of no length', { ...did, window: { length: 0 } }, '.window.length: a window of no length holds nothing'],
    ['a window that goes back', { ...did, window: { length: -5 } }, '.window.length: -5 is not a length of time'],
    ['a duration where milliseconds belong', { kind: 'inactive', for: '24h' }, ".for: '24h' is not a length of time"],
    ['a spread most', { ...did, compare: 'atMost', across: { count: 2, unit: 'days' } }, '.across: a most has nothing to spread'],
    ['one session', { ...did, across: { count: 1, unit: 'sessions' } }, '.across.count: every event falls in one: this says nothing'],
    ['a sequence of one', { kind: 'sequence', steps: [step] }, '.steps: a sequence has from 2 to 32 steps, not 1'],
    ['a sequence without end', { kind: 'sequence', steps: Array(33).fill(step) }, '.steps: a sequence has from 2 to 32 steps, not 33'],
    ['otherwise', { kind: 'otherwise' }, ": 'otherwise' stands only as the last member of a segment"],
    [
      'otherwise inside',
      { kind: 'all', of: [did, { kind: 'not', of: { kind: 'otherwise' } }] },
      ".of[1].of: 'otherwise' stands only as the last member of a segment",
    ],
    ['an unknown segment', { kind: 'inSegment', segment: 'engagment', member: 'x' }, ".segment: there is no segment 'engagment'. Did you mean 'engagement'?"],
    [
      'an unknown member',
      { kind: 'inSegment', segment: 'engagement', member: 'engagd' },
      ".member: segment 'engagement' has no member 'engagd'. Did you mean 'engaged'?",
    ],
    ['nothing to join', { kind: 'any', of: [] }, '.of: expected a list of conditions'],
    ['an unknown kind', { ...did, kind: 'dit' }, ".kind: 'dit' is not a condition. Did you mean 'did'?"],
    ['a field that there is not', { ...did, windw: { length: 1 } }, ".windw: there is no such field. Did you mean 'window'?"],
    ['a builder', { condition: did, and: () => did }, ": this is a builder's value, not the condition it builds"],
    ['an unknown operator', { ...did, where: [{ ...test, is: 'equals' }] }, ".where[0].is: 'equals' is not an operator."],
    ['equal to nothing', { kind: 'trait', test: { ...test, value: null } }, '.test.value: nothing equals null'],
    ['one of none', { kind: 'trait', test: { ...test, is: 'in', value: [] } }, '.test.value: expected a list with at least one value'],
    ['an order of booleans', { kind: 'trait', test: { ...test, is: 'gt', value: true } }, '.test.value: true has no order'],
    ['exists as a text', { kind: 'trait', test: { ...test, is: 'exists', value: 'yes' } }, ".test.value: expected true or false, found 'yes'"],
  ])('names %s', (_, wrong, problem) => {
    expect(places(wrong)).toEqual([`rules[0] 'r' .when${problem}`])
  })

  it('knows the events that every plan knows', () => {
    expect(places({ ...did, event: 'waymark_message_seen' })).toEqual([])
  })
})

function withoutSingleUnits(one: Condition): Condition {
  if (one.kind === 'not') return { kind: 'not', of: withoutSingleUnits(one.of) }
  if (one.kind === 'all' || one.kind === 'any') return { kind: one.kind, of: one.of.map(withoutSingleUnits) }
  return one.kind === 'did' && one.across?.count === 1 ? { ...one, across: { ...one.across, count: 2 } } : one
}
