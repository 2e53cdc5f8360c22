import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Did } from '../src/behaviour/ast.ts'
import { append } from '../src/behaviour/evaluate/buffer.ts'
import { distinguisherOf } from '../src/behaviour/evaluate/measure.ts'
import type { List } from '../src/behaviour/evaluate/predicate.ts'
import { eventOf, SESSION_GAP } from './arbitraries-dense.ts'
import { live } from './live.ts'

/** What is kept in lists: shared between versions without one being seen in another, and no more of it than is needed. */

const RUNS = Number(process.env['WAYMARK_RUNS'] ?? 400)

interface Kept {
  readonly cells: readonly number[]
  readonly list: List | null
  readonly holds: readonly number[]
}

function added({ cells, list, holds }: Kept, first: number, second?: number): Kept {
  const next = cells.slice()
  const grown = append(next, 1, list, first, second)
  return { cells: next, list: grown, holds: second === undefined ? [...holds, first] : [...holds, first, second] }
}

/** Lets go of so many at the beginning. */
function released({ cells, list, holds }: Kept, many: number): Kept {
  const [before, start, ...rest] = cells as [number, number]
  return { cells: [before, start + Math.min(many, holds.length), ...rest], list, holds: holds.slice(many) }
}

function held({ cells, list }: Kept): unknown {
  return [list?.slice(cells[1], cells[2]) ?? [], cells[0], cells[3]]
}

const NOTHING: Kept = { cells: [7, 0, 0, 7], list: null, holds: [] }

describe('a list that is appended to', () => {
  it('holds in each version what that version was given, whatever became of the others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ version: fc.nat(5), many: fc.integer({ min: 1, max: 40 }), twice: fc.boolean(), gone: fc.nat(40) }), {
          maxLength: 60,
          size: 'max',
        }),
        (steps) => {
          const versions = [NOTHING]
          let next = 0
          for (const { version, many, twice, gone } of steps) {
            let one = versions.at(-1 - (version % versions.length)) as Kept
            for (let index = 0; index < many; index += 1, next += 2) one = twice ? added(one, next, next + 1) : added(one, next)
            versions.push(one, released(one, gone))
          }
          for (const one of versions) expect(held(one)).toEqual([one.holds, 7, 7])
        },
      ),
      { numRuns: Math.ceil(RUNS / 4) },
    )
  })

  it('is copied while it is short, and after that grows in place, so that a step costs the same however much there is', () => {
    let one = NOTHING
    for (let index = 0; index < 300; index += 1) {
      const next = added(one, index)
      expect(next.list === one.list, `at ${index}`).toBe(index > 23)
      one = next
    }
    // Another version of the same array copies what is its own, once.
    const other = added(added(released(one, 10), 1), 2)
    added(one, 300)
    const copied = added(released(one, 10), 3)
    expect([other.list === one.list, copied.list === one.list]).toEqual([true, false])
    expect(copied.list?.length).toBe(291)
  })

  it('begins anew when more than half of it, and more than 128, has been let go of', () => {
    const lengthAfter = (many: number, gone: number): number | undefined => {
      let one = NOTHING
      for (let index = 0; index < many; index += 1) one = added(one, index)
      return added(released(one, gone), many).list?.length
    }
    expect([127, 128, 129].map((gone) => lengthAfter(200, gone))).toEqual([201, 201, 72])
    expect([199, 200, 201].map((gone) => lengthAfter(400, gone))).toEqual([401, 401, 200])
    expect([129, 199].map((gone) => lengthAfter(400, gone))).toEqual([401, 401])
  })
})

function did(of: Did['measure'], value: number, window?: number): Did {
  return { kind: 'did', event: 'a', where: [], measure: of, compare: 'atLeast', value, ...(window === undefined ? {} : { window: { length: window } }) }
}

/** The lists of somebody who did it so often, one millisecond after the other, each time with another value. */
function listsAfter(condition: Did, times: number): readonly (List | null)[] {
  const reading = live(condition, SESSION_GAP)
  let version = reading.start
  for (let index = 0; index < times; index += 1) version = reading.step(version, eventOf('a', index, index, { n: index, p: `value ${index}` }))
  return version.lists.slice(2, -1)
}

describe('what is kept of a long history', () => {
  it('is no more than twice what is needed and some slack', () => {
    for (const times of [1_000, 2_000, 3_000]) {
      const [moments] = listsAfter(did({ of: 'count' }, 20, 10), times) as [List]
      expect(moments.length).toBeLessThan(20 + 140)
      const [amounts] = listsAfter(did({ of: 'sum', property: 'n' }, 5, 10), times) as [List]
      expect(amounts.length).toBeLessThan(20 + 140)
      const [values] = listsAfter(did({ of: 'distinct', property: 'p' }, 5, 10), times) as [List]
      expect(values.length).toBe(5)
    }
  })

  it('is nothing of the values once there are enough of them', () => {
    const condition = did({ of: 'distinct', property: 'p' }, 4)
    expect(listsAfter(condition, 3)).toEqual([['value 0', 'value 1', 'value 2']])
    expect(listsAfter(condition, 4)).toEqual([null])
    expect(listsAfter(condition, 9)).toEqual([null])
  })

  it('is the same list as long as the newest value is the same', () => {
    const reading = live(did({ of: 'distinct', property: 'p' }, 3, 10), SESSION_GAP)
    let version = reading.start
    const lists = ['x', 'x', 'y', 'y', 'x'].map((p, at) => {
      version = reading.step(version, eventOf('a', at, at, { p }))
      return version.lists[2]
    })
    expect(lists).toEqual([['x'], ['x'], ['x', 'y'], ['x', 'y'], ['y', 'x']])
    expect([lists[1] === lists[0], lists[3] === lists[2]]).toEqual([true, true])
  })

  it('stands in the cells up to eight, and beyond that in a list', () => {
    const kept = (condition: Did) => [live(condition, SESSION_GAP).blueprint.fresh.length, live(condition, SESSION_GAP).blueprint.lists]
    expect(kept(did({ of: 'count' }, 8, 10))).toEqual([8, 0])
    expect(kept(did({ of: 'count' }, 9, 10))).toEqual([2, 1])
    expect(kept(did({ of: 'days' }, 8, 10))).toEqual([16, 0])
    expect(kept(did({ of: 'days' }, 9, 10))).toEqual([9, 1])
    expect(kept({ ...did({ of: 'sum', property: 'n' }, 9, 10), across: { sessions: 9, days: 9 } })).toEqual([9 + 9 + 9, 3])
  })
})

it('keeps texts as they are, and anything else so that it is none of them', () => {
  const distinguish = distinguisherOf({ of: 'distinct', property: 'p' })
  const [text, number, flag, quoted] = ['1', 1, true, '"1"'].map((p) => distinguish({ event: eventOf('a', 0, 0, { p }), at: 0, session: 0, day: 0 }))
  expect([text, quoted]).toEqual(['1', '"1"'])
  expect([number, flag].map((value) => typeof value)).toEqual(['string', 'string'])
  expect(new Set([text, number, flag, quoted, 'true']).size).toBe(5)
})
