import { expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import { segmentsBehind, segmentsIn, walk } from '../src/behaviour/walk.ts'
import type { Segment } from '../src/segment.ts'

const ask = (segment: string): Condition => ({ kind: 'inSegment', segment, member: 'm' })

it('visits every condition inside another, each before its parts, with its place', () => {
  const condition: Condition = {
    kind: 'all',
    of: [
      { kind: 'not', of: ask('a') },
      {
        kind: 'any',
        of: [
          { kind: 'inactive', for: 1 },
          { kind: 'holding', from: ask('b'), until: ask('c') },
        ],
      },
      ask('a'),
    ],
  }
  const visited: string[] = []
  walk(condition, 'when', ({ kind }, place) => visited.push(`${place} ${kind}`))
  expect(visited).toEqual([
    'when all',
    'when.of[0] not',
    'when.of[0].of inSegment',
    'when.of[1] any',
    'when.of[1].of[0] inactive',
    'when.of[1].of[1] holding',
    'when.of[1].of[1].from inSegment',
    'when.of[1].of[1].until inSegment',
    'when.of[2] inSegment',
  ])
  expect(segmentsIn(condition)).toEqual(['a', 'b', 'c'])
})

it('finds the segments behind a condition, those behind these, each once, also around a circle', () => {
  const segment = (id: string, ...asked: string[]): Segment => ({ id, members: asked.map((name) => ({ name, when: { kind: 'not', of: ask(name) } })) })
  const segments = [segment('a', 'b', 'c'), segment('b', 'd'), segment('c', 'b', 'c', 'gone'), segment('d'), segment('e', 'a')]
  const behind = (...ids: string[]) => segmentsBehind({ kind: 'any', of: ids.map(ask) }, segments).map(({ id }) => id)
  expect(behind('a')).toEqual(['a', 'b', 'd', 'c'])
  expect(behind('d', 'c')).toEqual(['d', 'c', 'b'])
  expect(behind('gone')).toEqual([])
  expect(behind()).toEqual([])
})
