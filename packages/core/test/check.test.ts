import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Did } from '../src/behaviour/ast.ts'
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
const sequence = { kind: 'sequence', steps: [step, { event: 'b', where: [] }, step] }
const last = { kind: 'occurrence', which: 'last', match: step, test }

function places(condition: unknown): readonly string[] {
  return checkCondition(condition, plan, "rules[0] 'r' .when", segments).map(({ place, message }) => `${place}: ${message}`)
}

describe('checkCondition', () => {
  it('has nothing to say of conditions that can be told true from false', () => {
    fc.assert(
      fc.property(
        condition.filter(({ kind }) => kind !== 'otherwise'),
        (one) => places(one).length === 0,
      ),
    )
  })

  it('never throws, and finds something in whatever is no condition', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => places(value).length > 0))
    fc.assert(
      fc.property(
        fc.constantFrom('all', 'any', 'not', 'holding', 'did', 'sequence', 'occurrence', 'inactive', 'trait', 'inSegment'),
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
    ['a window longer than a life', { ...did, window: { length: 2 ** 53 - 1 } }, '.window.length: a window of more than a hundred years ends for nobody'],
    ['a window of no length', { ...did, window: { length: 0 } }, '.window.length: a window of no length holds nothing'],
    ['a window that goes back', { ...did, window: { length: -5 } }, '.window.length: -5 is not a length of time'],
    ['a duration where milliseconds belong', { kind: 'inactive', for: '24h' }, ".for: '24h' is not a length of time"],
    ['a spread most', { ...did, compare: 'atMost', across: { days: 2 } }, '.across: a most has nothing to spread'],
    ['one session', { ...did, across: { days: 2, sessions: 1 } }, '.across.sessions: every event falls in one: this says nothing'],
    ['a spread over nothing', { ...did, across: {} }, '.across: it names neither sessions nor days'],
    ['a spread over weeks', { ...did, across: { days: 2, weeks: 2 } }, '.across.weeks: there is no such field.'],
    ['half a day', { ...did, across: { days: 2.5 } }, '.across.days: 2.5 is not a number of days'],
    ['too many sessions', { ...did, across: { sessions: 1001 } }, '.across.sessions: 1001 are more than a profile keeps'],
    ['days across days', { ...did, measure: { of: 'days' }, value: 3, across: { days: 2 } }, '.across.days: the days are what is measured already'],
    ['a measure that there is not', { ...did, measure: { of: 'weeks' } }, ".measure.of: 'weeks' is not a measure"],
    ['a property of a count', { ...did, measure: { of: 'count', property: 'n' } }, '.measure.property: there is no such field.'],
    ['at least no days', { ...did, measure: { of: 'days' }, value: 0 }, '.value: at least 0 is true of everybody'],
    [
      'too many days',
      { ...did, measure: { of: 'days' }, window: { length: 1 }, value: 10_001 },
      '.value: 10001 days in a sliding window are more than a profile keeps',
    ],
    [
      'different values of any activity',
      { ...did, event: '*', measure: { of: 'distinct', property: 'p' } },
      '.measure.of: activities of all kinds have no property in common',
    ],
    [
      'the sum of any activity',
      { ...did, event: '*', measure: { of: 'sum', property: 'n' } },
      '.measure.of: activities of all kinds have no property in common',
    ],
    [
      'a most of a sum in a window after an event',
      { ...did, measure: { of: 'sum', property: 'n' }, compare: 'atMost', window: { length: 1, anchor: step } },
      '.compare: a sum goes up and down, so a most is not settled before the window closes',
    ],
    [
      'the same at first',
      { ...did, measure: { of: 'sum', property: 'n' }, compare: 'atMost', window: { length: 1, anchor: 'firstSeen' } },
      '.compare: a sum goes up and down, so a most is not settled before the window closes',
    ],
    [
      'more decimals than a sum has',
      { ...did, measure: { of: 'sum', property: 'n' }, value: 0.1234567 },
      '.value: no sum is 0.1234567: sums are exact to six decimals, up to 9007199254740991',
    ],
    [
      'more than a sum can be',
      { ...did, measure: { of: 'sum', property: 'n' }, value: 1e18 },
      '.value: no sum is 1000000000000000000: sums are exact to six decimals, up to 9007199254740991',
    ],
    ['an anchor that there is not', { ...did, window: { length: 1, anchor: 'firstSean' } }, ".window.anchor: 'firstSean' opens no window"],
    ['a field of a window that there is not', { ...did, window: { length: 1, of: step } }, '.window.of: there is no such field.'],
    ['an exclusion that the plan lacks', { ...sequence, without: [{ event: 'z', where: [], after: 0 }] }, ".without[0].event: the plan has no event 'z'."],
    ['an exclusion after the last step', { ...sequence, without: [{ ...step, after: 2 }] }, '.without[0].after: 2 is not a step that another one follows'],
    ['an exclusion before the first', { ...sequence, without: [{ ...step, after: -1 }] }, '.without[0].after: -1 is not a step that another one follows'],
    ['an exclusion of nowhere', { ...sequence, without: [step] }, '.without[0].after: nothing is not a step that another one follows'],
    ['exclusions that are no list', { ...sequence, without: step }, '.without: expected a list, found an object'],
    ['a step with a place', { ...sequence, steps: [step, { ...step, after: 0 }] }, '.steps[1].after: there is no such field.'],
    ['the newest of what the plan lacks', { ...last, match: { event: 'z', where: [] } }, ".match.event: the plan has no event 'z'."],
    ['the second', { ...last, which: 'second' }, ".which: 'second' is neither"],
    ['the newest of nothing', { kind: 'occurrence', which: 'last', test }, '.match: missing'],
    ['the newest without a test', { kind: 'occurrence', which: 'last', match: step }, '.test: missing'],
    ['what begins by an unknown event', { kind: 'holding', from: { ...did, event: 'z' }, until: did }, ".from.event: the plan has no event 'z'."],
    ['what never ends', { kind: 'holding', from: did }, '.until: missing'],
    ['what ends by otherwise', { kind: 'holding', from: did, until: { kind: 'otherwise' } }, ".until: 'otherwise' stands only as the last member of a segment"],
    [
      'what ends as it begins',
      { kind: 'holding', from: did, until: Object.fromEntries(Object.entries(did).reverse()) },
      '.until: what begins it also ends it, so it never holds',
    ],
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

  it('ends before a stack does', () => {
    let deep: unknown = did
    for (let depth = 0; depth < 50_000; depth += 1) deep = { kind: 'not', of: deep }
    expect(places(deep)).toEqual([expect.stringContaining('more than 64 conditions lie one in the other')])
  })

  it('takes any activity for an event wherever one is named', () => {
    const any = { event: '*', where: [] }
    expect(places({ ...did, ...any, window: { length: 1, anchor: any } })).toEqual([])
    expect(places({ kind: 'sequence', steps: [any, step], without: [{ ...any, after: 0 }] })).toEqual([])
    expect(places({ ...last, match: any })).toEqual([])
  })

  it('knows the events that every plan knows', () => {
    expect(places({ ...did, event: 'waymark_message_seen' })).toEqual([])
  })
})
