import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PropertyTest } from '../src/behaviour/ast.ts'
import { compileMatch, compileTest, compileWhere, propertyOf, triggerOf } from '../src/behaviour/evaluate/match.ts'
import type { Json } from '../src/json.ts'
import { eventOf } from './arbitraries-dense.ts'

type Is = PropertyTest['is']

const passes = (value: Json | undefined, is: Is, operand: Json): boolean =>
  compileTest({ property: 'p', is, value: operand } as PropertyTest)(value === undefined ? {} : { p: value })

describe('a property', () => {
  const nested = { 'a.b': 1, a: { b: 2, c: { d: 3 }, 'c.d': 4, n: null }, t: 'text', l: [{ b: 5 }] }
  it.each<[string, Json | undefined]>([
    ['a.b', 1],
    ['a', nested.a],
    ['a.c.d', 3],
    ['a.c', { d: 3 }],
    ['a.n', null],
    ['a.n.x', undefined],
    ['a.x', undefined],
    ['a.x.d', undefined],
    ['x', undefined],
    ['x.b', undefined],
    ['t.length', undefined],
    ['l.length', undefined],
    ['toString', undefined],
    ['a.toString', undefined],
    ['', undefined],
  ])('%s', (name, expected) => {
    expect(propertyOf(nested, name)).toEqual(expected)
  })

  it('of that very name, and no other, is of the object itself', () => {
    const object = Object.create({ p: 1, a: { b: 1 } }) as Record<string, Json>
    expect([propertyOf(object, 'p'), propertyOf(object, 'a.b')]).toEqual([undefined, undefined])
  })
})

describe('a test', () => {
  /** Passed, then not passed. */
  it.each<[Is, Json, readonly (Json | undefined)[], readonly (Json | undefined)[]]>([
    ['eq', 1, [1], [0, 2, '1', true, null, undefined, [1], { p: 1 }]],
    ['eq', 'x', ['x'], ['y', 'xx', '', null, undefined, ['x']]],
    ['eq', '[1]', ['[1]'], [[1], 1]],
    ['eq', true, [true], [false, 1, 'true', null]],
    ['eq', { k: 1 }, [{ k: 1 }], [{ k: 2 }, {}, [1], '{"k":1}', null, undefined]],
    ['eq', [1, 2], [[1, 2]], [[2, 1], [1], '[1,2]', 1]],
    ['eq', null, [], [null, undefined, 0]],
    ['ne', 1, [0, 2, '1', null, undefined, [1]], [1]],
    ['ne', [1], [[2], 1, '[1]', null], [[1]]],
    ['in', ['x', 1, [2]], ['x', 1, [2]], ['y', '1', 2, [1], null, undefined]],
    ['in', [null, 'x'], ['x'], [null, undefined]],
    ['exists', true, [0, '', false, [], {}], [null, undefined]],
    ['exists', false, [null, undefined], [0, '', false]],
    ['contains', 'b', ['abc', 'b', ['a', 'b'], ['b']], ['ac', '', ['abc'], [], ['a'], { b: 1 }, 1, null, undefined]],
    ['contains', 1, [[1], [2, 1]], ['1', [2], ['1'], 1, null]],
    ['contains', [1], [[[1]]], [[1], '1', [[2]]]],
    ['gt', 1, [2, 1.000001], [1, 0, '2', '', true, null, undefined, [2]]],
    ['gte', 1, [1, 2], [0.999999, 0, '1', true, null, undefined]],
    ['lt', 1, [0, 0.999999, -5], [1, 2, '0', '', false, null, undefined, []]],
    ['lte', 1, [1, 0], [1.000001, 2, '1', null, undefined]],
    ['gt', 'b', ['c', 'ba'], ['b', 'a', '', 'B', 3, null, undefined, ['c']]],
    ['gte', 'b', ['b', 'c'], ['a', '', 3, null, undefined]],
    ['lt', 'b', ['a', '', 'B'], ['b', 'c', 1, null, undefined, ['a']]],
    ['lte', 'b', ['b', 'a'], ['ba', 'c', 1, null, undefined]],
    ['gte', '2026-01-02', ['2026-01-02', '2026-01-02T00:00:00Z'], ['2026-01-01T23:59:59Z', 20_260_102]],
  ])('%s %j', (is, operand, passing, failing) => {
    for (const value of passing) expect(passes(value, is, operand), JSON.stringify(value)).toBe(true)
    for (const value of failing) expect(passes(value, is, operand), JSON.stringify(value)).toBe(false)
  })

  it('of order agrees with the others of order', () => {
    const operand = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom('', 'a', 'b', 'ab'))
    fc.assert(
      fc.property(operand, operand, (value, other) => {
        const [gt, gte, lt, lte, eq] = (['gt', 'gte', 'lt', 'lte', 'eq'] as const).map((is) => passes(value, is, other))
        const isOrdered = typeof value === typeof other
        expect([gt, lt, eq].filter(Boolean)).toHaveLength(isOrdered ? 1 : 0)
        expect([gte, lte]).toEqual(isOrdered ? [gt || eq, lt || eq] : [false, false])
        if (isOrdered) expect(gt).toBe(value > other)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a match', () => {
  const n = (value: number): PropertyTest => ({ property: 'n', is: 'gte', value })
  const p: PropertyTest = { property: 'p', is: 'eq', value: 'x' }
  const events = ['a', 'b', 'page', 'screen', 'identify'].flatMap((kind) =>
    [{}, { n: 1 }, { p: 'x' }, { n: 1, p: 'x' }].map((values) => eventOf(kind, 0, 0, values)),
  )
  const found = (passing: (event: (typeof events)[number]) => boolean) =>
    events.filter(passing).map(({ type, event, properties }) => [event ?? type, Object.keys(properties).join('')])

  it('is of its name, or of any activity, and passes each test', () => {
    expect(found(compileMatch({ event: 'a', where: [] }))).toEqual([
      ['a', ''],
      ['a', 'n'],
      ['a', 'p'],
      ['a', 'np'],
    ])
    expect(found(compileMatch({ event: 'a', where: [p] }))).toEqual([
      ['a', 'p'],
      ['a', 'np'],
    ])
    expect(found(compileMatch({ event: 'b', where: [n(1), p] }))).toEqual([['b', 'np']])
    expect(found(compileMatch({ event: '*', where: [n(0), p, n(1)] }))).toEqual([
      ['a', 'np'],
      ['b', 'np'],
      ['page', 'np'],
      ['screen', 'np'],
    ])
    expect(found(compileMatch({ event: '*', where: [] }))).toHaveLength(16)
  })

  it('of tests alone passes each of them, or all where there are none', () => {
    expect(found(compileWhere([]))).toHaveLength(20)
    expect(found(compileWhere([p]))).toHaveLength(8)
    expect(found(compileWhere([p, n(1)]))).toHaveLength(4)
    expect(found(compileWhere([n(1), p, n(2)]))).toHaveLength(0)
  })

  it('has to hear of the events of its names, each once, or of every activity', () => {
    const hears = (...names: string[]) => triggerOf(names.map((event) => ({ event, where: [] })))
    expect(hears('a', 'b', 'a')).toEqual({ events: ['a', 'b'] })
    expect(hears('a', '*')).toBe('activity')
  })
})
