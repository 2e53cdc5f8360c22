import { describe, expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import { createEngine, type Engine } from '../src/engine/engine.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { ConsentPolicy } from '../src/governance.ts'
import type { Segment } from '../src/segment.ts'

/** What is kept of a log, and why: by example. */

const MINUTE = 60_000
const DAY = 86_400_000
const START = Date.UTC(2026, 0, 1)

function engineFor(conditions: Readonly<Record<string, Condition>>, consent: ConsentPolicy = {}, more: readonly Segment[] = []): Engine {
  const segments = Object.entries(conditions).map(([id, when]): Segment => ({ id, members: [{ name: 'yes', when }] }))
  return createEngine({ segments: [...segments, ...more], rules: [], governance: { consent }, channels: {} })
}

function event(name: string, at: number, more: Partial<CanonicalEvent> = {}): CanonicalEvent {
  const empty = { properties: {}, traits: {}, context: {}, integrations: {} }
  const type = name === 'identify' || name === 'page' ? name : 'track'
  const own = type === 'track' ? { event: name } : {}
  return { type, ...own, messageId: `${name}-${at}`, userId: 'u', timestamp: at, receivedAt: at, source: 'test', ...empty, ...more }
}

/** Thirty days, with a visit of ten events, ten minutes apart, each day. */
const days = (name: string) => Array.from({ length: 300 }, (_, index) => event(name, START + Math.floor(index / 10) * DAY + (index % 10) * 10 * MINUTE))

/** What is left with the horizon at the end of the thirty days, as the number of day and visit. */
function left(engine: Engine, events: readonly CanonicalEvent[], horizon = START + 30 * DAY): readonly string[] {
  const needless = engine.needless(events, horizon)
  return events
    .filter((_, index) => !needless[index])
    .map(({ timestamp }) => `${Math.floor((timestamp - START) / DAY)}.${((timestamp - START) % DAY) / 10 / MINUTE}`)
}

const did = (more: Partial<Condition & { kind: 'did' }>): Condition => ({
  kind: 'did',
  event: 'used',
  where: [],
  measure: { of: 'count' },
  compare: 'atLeast',
  value: 3,
  ...more,
})

describe('of a visit a day for thirty days', () => {
  const events = days('used')
  /** Every day the first, the last, and one in at most half an hour between: what makes it one visit. */
  const visits = left(engineFor({}), days('used'))

  it('what makes the visits is kept, whoever asks for nothing', () => {
    expect(visits.length).toBeLessThanOrEqual(30 * 5)
    expect(visits.slice(0, 5)).toEqual(['0.0', '0.3', '0.6', '0.9', '1.0'])
    const pause = (a: string, b: string) => Number(b) - Number(a)
    for (const [index, visit] of visits.slice(1).entries())
      if (Math.floor(Number(visit)) === Math.floor(Number(visits[index]))) expect(pause(visits[index] as string, visit)).toBeLessThan(0.31)
  })

  it('an amount over all time is kept up to what is asked for', () => {
    expect(left(engineFor({ s: did({}) }), events).slice(0, 6)).toEqual(['0.0', '0.1', '0.2', '0.5', '0.8', '0.9'])
    expect(left(engineFor({ s: did({ value: 1 }) }), events)).toEqual(visits)
    expect(
      left(
        engineFor({ s: did({ measure: { of: 'sum', property: 'n' } }) }),
        events.map((one) => ({ ...one, properties: { n: 1 } })),
      ),
    ).toHaveLength(300)
    expect(left(engineFor({ s: did({ across: { sessions: 2 } }) }), events)).toHaveLength(300)
  })

  it('a window that slides is kept for its length before the horizon', () => {
    const week = left(engineFor({ s: did({ window: { length: 7 * DAY } }) }), events)
    expect(week.filter((visit) => Number(visit) < 22)).toEqual(visits.filter((visit) => Number(visit) < 22))
    expect(week.filter((visit) => Number(visit) >= 22.9)).toHaveLength(71)
    expect(left(engineFor({ s: did({ window: { length: 7 * DAY } }) }), events, START)).toHaveLength(300)
  })

  it('of a window after sign-up what is in it is kept, until there is enough', () => {
    const signedUp = [event('signed_up', START + 2 * DAY), ...events].toSorted((a, b) => a.timestamp - b.timestamp)
    const anchored = did({ window: { length: 2 * DAY, anchor: { event: 'signed_up', where: [] } } })
    const kept = left(engineFor({ s: anchored }), signedUp)
    // All of before, since a sign-up of before may still come in, and three of after.
    expect(kept.filter((visit) => Number(visit) < 2)).toHaveLength(20)
    expect(kept.filter((visit) => Math.floor(Number(visit)) === 2)).toEqual(['2.0', '2.0', '2.1', '2.2', '2.5', '2.8', '2.9'])
    expect(kept.filter((visit) => Number(visit) >= 3)).toEqual(visits.filter((visit) => Number(visit) >= 3))
    // Of somebody who has not signed up there may be a sign-up under another id.
    expect(left(engineFor({ s: anchored }), events)).toHaveLength(300)
  })

  it('a sequence that is done needs no more steps', () => {
    const steps: Condition = {
      kind: 'sequence',
      steps: [
        { event: 'used', where: [] },
        { event: 'used', where: [] },
      ],
      within: DAY,
    }
    expect(left(engineFor({ s: steps }), events).slice(0, 5)).toEqual(['0.0', '0.1', '0.4', '0.7', '0.9'])
    const other: Condition = {
      kind: 'sequence',
      steps: [
        { event: 'used', where: [] },
        { event: 'invited', where: [] },
      ],
      within: DAY,
    }
    expect(left(engineFor({ s: other }), events)).toHaveLength(300)
  })

  it('a membership that is to last needs what it rests on for so long', () => {
    const lasting: Segment = { id: 't', members: [{ name: 'long', when: { kind: 'inSegment', segment: 's', member: 'yes', for: 5 * DAY } }] }
    const kept = left(engineFor({ s: did({ window: { length: 7 * DAY } }) }, {}, [lasting]), events)
    expect(kept.filter((visit) => Number(visit) >= 17.9)).toHaveLength(121)
  })

  it('what holds until something else needs all there is', () => {
    expect(left(engineFor({ s: { kind: 'holding', from: did({ window: { length: DAY } }), until: { kind: 'inactive', for: 7 * DAY } } }), events)).toHaveLength(
      300,
    )
    expect(left(engineFor({ s: { kind: 'holding', from: did({}), until: did({ value: 9 }) } }), events).length).toBeLessThan(130)
  })
})

describe('whatever the conditions', () => {
  it('the newest of each trait, and of what was agreed to, is kept; of consent also each change', () => {
    const said = (at: number, marketing: boolean) => event('page', START + at * MINUTE, { context: { consent: { categoryPreferences: { marketing } } } })
    const traits = (at: number, of: CanonicalEvent['traits']) => event('identify', START + at * MINUTE, { traits: of })
    const events = [
      event('page', START),
      traits(1, { plan: 'free', role: 'x' }),
      traits(2, { plan: 'free' }),
      said(3, true),
      said(4, true),
      said(5, false),
      said(6, false),
      traits(7, { plan: 'pro' }),
      said(8, false),
      traits(9, { plan: 'pro' }),
      event('page', START + DAY),
    ]
    const needless = engineFor({}).needless(events, START + 30 * DAY)
    expect(events.filter((_, index) => needless[index]).map(({ timestamp }) => (timestamp - START) / MINUTE)).toEqual([2, 4, 6, 7])
  })

  it('nothing of what is newer than the horizon goes', () => {
    expect(engineFor({}).needless(days('used'), START - 1)).toEqual(Array.from({ length: 300 }, () => false))
    expect(engineFor({}).needless([], START)).toEqual([])
  })
})

describe('how far back a definition reads', () => {
  const reachesOf = (engine: Engine) => engine.reaches.filter(({ readBy }) => !readBy.includes('governance.consent.categories'))

  it('is told of each predicate, with who reads it', () => {
    const seven = did({ window: { length: 7 * DAY } })
    const lasting: Segment = { id: 't', members: [{ name: 'long', when: { kind: 'inSegment', segment: 'a', member: 'yes', for: 5 * DAY } }] }
    const engine = engineFor({ a: seven, b: { kind: 'not', of: seven }, c: did({}), d: { kind: 'trait', test: { property: 'p', is: 'eq', value: 1 } } }, {}, [
      lasting,
    ])
    expect(reachesOf(engine).map(({ says, readBy, back }) => ({ says, readBy, back }))).toEqual([
      { says: 'did used at least 3 times in the last 7d', readBy: ["segment 'a'", "segment 'b'"], back: 12 * DAY },
      { says: 'did used at least 3 times', readBy: ["segment 'c'"], back: Number.POSITIVE_INFINITY },
    ])
  })

  it('has another name where it reads something else', () => {
    const names = (condition: Condition, sessionGap?: number) =>
      createEngine({
        segments: [{ id: 's', members: [{ name: 'yes', when: condition }] }],
        rules: [],
        governance: {},
        channels: {},
        ...(sessionGap === undefined ? {} : { sessionGap }),
      }).reaches.map(({ name }) => name)
    const [plain] = names(did({ window: { length: DAY } }))
    expect(names(did({ window: { length: DAY } }), MINUTE)[0]).toBe(plain)
    expect(names(did({ window: { length: DAY }, value: 4 }))[0]).not.toBe(plain)
    expect(names({ kind: 'holding', from: did({ window: { length: DAY } }), until: did({}) })).toContain(`whole:${plain}`)
    expect(names(did({ across: { sessions: 2 } }))).not.toEqual(names(did({ across: { sessions: 2 } }), MINUTE))
    const under = (categories: ConsentPolicy['categories']) => engineFor({}, categories === undefined ? {} : { categories }).reaches.map(({ name }) => name)
    expect(under({ ads: 'marketing' })).not.toEqual(under(undefined))
  })
})
