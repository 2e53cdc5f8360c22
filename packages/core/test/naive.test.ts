import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition, Did } from '../src/behaviour/ast.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Segment } from '../src/segment.ts'
import { condition, edges, history, scenario, segmentSet } from './arbitraries.ts'
import { memberOf, naive, reader } from './naive.ts'
import { micro } from './naive-predicates.ts'

/** The definition that the engine is held to, held itself to what was worked out by hand. */

const HOUR = 3_600_000
const once: Did = { kind: 'did', event: 'a', where: [], measure: { of: 'count' }, compare: 'atLeast', value: 1 }
const did = (event: string, more: Partial<Did> = {}): Did => ({ ...once, event, ...more })

/** One letter an event, its hour after it: `a0 b1`. A capital is a page. */
function events(text: string): readonly CanonicalEvent[] {
  return text.split(' ').map((word, index) => {
    const name = word[0] as string
    const at = Number(word.slice(1)) * HOUR
    const type = name === name.toUpperCase() ? 'page' : name === 'i' ? 'identify' : 'track'
    const blank = { properties: { n: index + 0.1 }, traits: {}, context: {}, integrations: {}, source: 's' }
    return { type, ...(type === 'track' ? { event: name } : {}), messageId: `m${index}`, userId: 'u', timestamp: at, receivedAt: at, ...blank }
  })
}

describe('the definition', () => {
  it.each<[string, Condition, string, number, string]>([
    ['any activity', did('*', { value: 3 }), 'a0 P1 i2 b3', 3, 'yes'],
    ['an identify is none', did('*', { value: 4 }), 'a0 P1 i2 b3', 3, 'no'],
    ['sessions', did('a', { measure: { of: 'sessions' }, value: 2 }), 'a0 P0.5 a1 a1.6', 1.6, 'yes'],
    ['one session', did('a', { measure: { of: 'sessions' }, value: 2 }), 'a0 P0.5 a1', 1, 'no'],
    ['days', did('a', { measure: { of: 'days' }, value: 2 }), 'a23 a24', 24, 'yes'],
    ['across both', did('a', { value: 2, across: { sessions: 2, days: 2 } }), 'a22 a23', 23, 'no'],
    ['first seen, open', did('a', { window: { length: 2 * HOUR, anchor: 'firstSeen' } }), 'i0', 1.9, 'unknown'],
    ['first seen, closed', did('a', { window: { length: 2 * HOUR, anchor: 'firstSeen' } }), 'i0 a2', 2, 'no'],
    ['first seen, settled', did('a', { window: { length: 2 * HOUR, anchor: 'firstSeen' } }), 'i0 a1', 1, 'yes'],
    ['a sum in decimals', did('a', { measure: { of: 'sum', property: 'n' }, value: 1.2 }), 'a0 a1', 1, 'yes'],
    ['the newest', { kind: 'occurrence', which: 'last', match: once, test: { property: 'n', is: 'eq', value: 2.1 } }, 'a0 b1 a2 b3', 3, 'yes'],
    ['the first', { kind: 'occurrence', which: 'first', match: once, test: { property: 'n', is: 'eq', value: 2.1 } }, 'a0 b1 a2 b3', 3, 'no'],
    ['no such event', { kind: 'occurrence', which: 'first', match: once, test: { property: 'n', is: 'exists', value: false } }, 'b1', 3, 'no'],
  ])('%s', (_, one, text, hour, expected) => {
    expect(naive(one, events(text), hour * HOUR)).toBe(expected)
  })

  it('a sequence without something between two steps', () => {
    const steps = ['a', 'b', 'c'].map((event) => ({ event, where: [] }))
    const without = [{ event: 'x', where: [], after: 0 }]
    const holds = (text: string) => naive({ kind: 'sequence', steps, without }, events(text), 99 * HOUR)
    expect(holds('a0 b1 x2 c3')).toBe('yes')
    expect(holds('a0 x1 b2 c3')).toBe('no')
    expect(holds('a0 x1 a2 b3 c4')).toBe('yes')
    expect(holds('a0 x0 b0 c0')).toBe('no')
    // The steps' own events are not between them.
    for (const event of ['a', 'b'])
      expect(naive({ kind: 'sequence', steps: steps.slice(0, 2), without: [{ event, where: [], after: 0 }] }, events('a0 b1'), HOUR)).toBe('yes')
  })

  it('holding from one threshold until another, event by event', () => {
    const latest = (is: 'gte' | 'lt', value: number): Condition => ({
      kind: 'occurrence',
      which: 'last',
      match: { event: 'a', where: [] },
      test: { property: 'n', is, value },
    })
    const one: Condition = { kind: 'holding', from: latest('gte', 1), until: did('x', { window: { length: HOUR } }) }
    const answer = (text: string, hour: number) => naive(one, events(text), hour * HOUR)
    expect(answer('a0', 0)).toBe('no')
    expect(answer('a0 a1', 1)).toBe('yes')
    expect(answer('a0 a1 x2', 2)).toBe('no')
    expect(answer('a0 a1 x2', 3)).toBe('yes')
    // The x is answered before the y of its moment, and ends what held for good.
    const [x, y] = ['x', 'y'].map((event) => did(event, { window: { length: 1 } })) as [Did, Did]
    const brief: Condition = { kind: 'holding', from: did('a', { window: { length: HOUR } }), until: { kind: 'all', of: [x, { kind: 'not', of: y }] } }
    expect(naive(brief, events('a0 x1 y1'), HOUR)).toBe('no')
    expect(naive(brief, events('a0 y1 x1'), HOUR)).toBe('yes')
  })

  it('holding is unknown where its beginning is', () => {
    const window = { length: 2 * HOUR, anchor: 'firstSeen' } as const
    const one: Condition = { kind: 'holding', from: did('a', { window }), until: did('x') }
    expect(naive(one, events('b0'), HOUR)).toBe('unknown')
    expect(naive(one, events('b0'), 2 * HOUR)).toBe('no')
    expect(naive(one, events('b0 x1'), HOUR)).toBe('no')
  })

  it('membership, and for how long', () => {
    const trying: Segment = {
      id: 's',
      members: [
        { name: 'active', when: did('a', { window: { length: HOUR } }) },
        { name: 'rest', when: { kind: 'otherwise' } },
      ],
    }
    const wait: Condition = { kind: 'inSegment', segment: 's', member: 'rest', for: 2 * HOUR }
    const world = { segments: [trying] }
    expect(memberOf(trying, events('a0'), 0, world)).toBe('active')
    expect(memberOf(trying, events('a0'), HOUR, world)).toBe('rest')
    expect(naive(wait, events('a0'), 3 * HOUR - 1, world)).toBe('no')
    expect(naive(wait, events('a0'), 3 * HOUR, world)).toBe('yes')
    expect(naive(wait, events('a0 a2'), 4 * HOUR, world)).toBe('no')
    expect(naive(wait, events('a0 a2'), 5 * HOUR, world)).toBe('yes')
  })

  it('takes amounts to six decimals, half away from zero, as they are written', () => {
    const values = [0.1, -2, 1.0000005, -1.0000005, 0.00000049, 5e-7, 1e21, 1.5e-7, 123456.789]
    expect(values.map(micro)).toEqual([100_000n, -2_000_000n, 1_000_001n, -1_000_001n, 0n, 1n, 10n ** 27n, 0n, 123_456_789_000n])
  })

  it('changes at the edges only', () => {
    fc.assert(
      fc.property(scenario, history, ({ segments, conditions }, happened) => {
        const { answer } = reader(happened, { segments })
        const moments = edges(happened, conditions, segments)
        for (const [index, at] of moments.entries()) {
          const between = Math.floor((at + (moments[index + 1] ?? at + 2)) / 2)
          for (const one of conditions) expect(answer(one, between)).toBe(answer(one, at))
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('the generators', () => {
  it('reach every answer of every kind', () => {
    const reached = new Map<string, Set<string>>()
    const note = (kind: string, answer: string) => reached.set(kind, (reached.get(kind) ?? new Set()).add(answer))
    fc.assert(
      fc.property(scenario, history, condition, ({ segments, conditions }, happened, alone) => {
        const { answer } = reader(happened, { segments })
        for (const at of edges(happened, [...conditions, alone], segments).filter((_, index) => index % 7 === 0)) {
          for (const one of [...conditions, alone]) note(one.kind, answer(one, at))
        }
      }),
      { numRuns: 300 },
    )
    for (const kind of ['all', 'any', 'not', 'holding', 'did', 'inactive', 'inSegment']) expect([kind, reached.get(kind)?.size]).toEqual([kind, 3])
    for (const kind of ['sequence', 'occurrence', 'trait']) expect([kind, reached.get(kind)?.size]).toEqual([kind, 2])
  })

  it('settle segments on every member', () => {
    const members = new Map<string, number>()
    fc.assert(
      fc.property(segmentSet, history, (segments, happened) => {
        const { member } = reader(happened, { segments })
        const last = edges(happened, [], segments).at(-1) as number
        for (const segment of segments) {
          const name = `${segment.id} ${member(segment, last) ?? 'none'}`
          members.set(name, (members.get(name) ?? 0) + 1)
        }
      }),
      { numRuns: 300 },
    )
    const named = ['s0', 's1', 's2', 's3'].flatMap((id) => ['m0', 'm1', 'm2', 'rest', 'none'].map((name) => `${id} ${name}`))
    expect(named.filter((name) => !members.has(name))).toEqual([])
  })
})
