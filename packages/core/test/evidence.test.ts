import { describe, expect, it } from 'vitest'
import type { Condition } from '../src/behaviour/ast.ts'
import { FALSE, TRUE, UNKNOWN } from '../src/behaviour/truth.ts'
import { createEngine } from '../src/engine/engine.ts'
import type { CanonicalEvent } from '../src/event.ts'
import { type Evidence, groundsOf } from '../src/evidence.ts'
import type { Profile } from '../src/profile.ts'

const START = Date.UTC(2026, 0, 5, 9)
const HOUR = 3_600_000

const did = (event: string, value: number, compare: 'atLeast' | 'atMost' = 'atLeast', more: object = {}): Condition =>
  ({ kind: 'did', event, where: [], measure: { of: 'count' }, compare, value, ...more }) as Condition
const all = (...of: Condition[]): Condition => ({ kind: 'all', of })
const any = (...of: Condition[]): Condition => ({ kind: 'any', of })
const not = (of: Condition): Condition => ({ kind: 'not', of })
const holding = (from: Condition, until: Condition): Condition => ({ kind: 'holding', from, until })

function event(name: string, at: number): CanonicalEvent {
  return {
    type: 'track',
    event: name,
    messageId: `${name}@${at}`,
    userId: 'u',
    timestamp: at,
    receivedAt: at,
    properties: {},
    traits: {},
    context: {},
    integrations: {},
    source: 'test',
  }
}

/** What a rule with the condition says of somebody who did these, an hour apart. */
function evidenceAfter(when: Condition, ...done: string[]): Evidence {
  const engine = createEngine({
    segments: [],
    rules: [{ id: 'rule', when, send: { channel: 'c', kind: 'k', content: {} } }],
    governance: {},
    channels: {},
  } as unknown as Parameters<typeof createEngine>[0])
  let profile: Profile | undefined
  for (const [hour, name] of done.entries()) {
    const at = START + hour * HOUR
    profile = engine.step(profile, 'u', { kind: 'event', event: event(name, at) }, at).profile
  }
  const [rule] = engine.read(profile as Profile, START + done.length * HOUR).rules
  return (rule as NonNullable<typeof rule>).evidence
}

const says = (evidence: Evidence) => groundsOf(evidence).map((ground) => ground.says)

describe('the evidence of a condition', () => {
  it('has the shape of the condition', () => {
    expect(evidenceAfter(any(all(did('a', 1), not(did('b', 1))), holding(did('a', 1), did('b', 1))), 'a')).toEqual({
      kind: 'any',
      truth: TRUE,
      of: [
        {
          kind: 'all',
          truth: TRUE,
          of: [
            { kind: 'fact', says: 'did a at least once', truth: TRUE, value: 1 },
            { kind: 'not', truth: TRUE, of: { kind: 'fact', says: 'did b at least once', truth: FALSE, value: 0 } },
          ],
        },
        {
          kind: 'holding',
          truth: TRUE,
          says: 'from when (did a at least once) until (did b at least once)',
          from: { kind: 'fact', says: 'did a at least once', truth: TRUE, value: 1 },
          until: { kind: 'fact', says: 'did b at least once', truth: FALSE, value: 0 },
        },
      ],
    })
  })

  it('says what is missing for each part to be as its place asks: less of what stands under a not', () => {
    const missing = (when: Condition, ...done: string[]) => (evidenceAfter(not(when), ...done) as { of: { missing?: string } }).of.missing
    expect(missing(did('a', 3), 'a')).toBeUndefined()
    expect(missing(did('a', 1, 'atLeast', { window: { length: HOUR * 24 } }), 'a')).toBe('no a any more, for 24h')
    expect(missing(did('a', 1), 'a')).toBe('too late for: never did a')
    expect(missing(did('a', 1, 'atMost'), 'a')).toBe('1 more time')
    expect(missing({ kind: 'inactive', for: HOUR } as Condition, 'a')).toBe('not inactive for 1h')
    const spread = did('a', 1, 'atLeast', { across: { sessions: 1 } })
    expect(missing(spread, 'a')).toMatch(/^not \(did a/)
  })

  it('says of what ends a holding that it must not be', () => {
    const evidence = evidenceAfter(holding(did('a', 1), did('b', 1)), 'a', 'b') as Extract<Evidence, { kind: 'holding' }>
    expect(evidence).toMatchObject({ truth: FALSE, until: { missing: 'too late for: never did b' } })
  })
})

describe('what a condition owes its truth to', () => {
  it.each<[string, Condition, readonly string[], readonly string[]]>([
    ['every part of an all that is true', all(did('a', 1), did('b', 1)), ['a', 'b'], ['did a at least once', 'did b at least once']],
    ['the false parts of an all that is false', all(did('a', 1), did('b', 1)), ['a'], ['not: did b at least once']],
    ['the true parts of an any that is true', any(did('a', 1), did('b', 1)), ['a'], ['did a at least once']],
    ['every part of an any that is false', any(did('a', 1), did('b', 1)), ['c'], ['not: did a at least once', 'not: did b at least once']],
    ['what is not so under a not', all(did('a', 1), not(did('b', 1))), ['a'], ['did a at least once', 'not: did b at least once']],
    ['what began a holding', holding(did('a', 1), did('b', 1)), ['a'], ['did a at least once']],
    ['what ended a holding', holding(did('a', 1), did('b', 1)), ['a', 'b'], ['did b at least once']],
    [
      'a holding that outlasts what began it',
      holding(did('a', 1, 'atLeast', { window: { length: 2 * HOUR } }), did('b', 1)),
      ['a', 'c', 'c'],
      ['from when (did a at least once in the last 2h) until (did b at least once)'],
    ],
    [
      'what is open of an all that is open',
      all(did('a', 1), did('b', 1, 'atLeast', { window: { length: 9 * HOUR, anchor: { event: 'a', where: [] } } })),
      ['a'],
      ['not settled: did b at least once within 9h of a'],
    ],
  ])('%s', (_, condition, done, expected) => {
    expect(says(evidenceAfter(condition, ...done))).toEqual(expected)
  })

  it('names the rest of a segment, and how much of it was done', () => {
    expect(groundsOf({ kind: 'otherwise', truth: TRUE })).toEqual([{ says: 'none of the others' }])
    expect(groundsOf({ kind: 'fact', says: 'x', truth: UNKNOWN, value: 2 })).toEqual([{ says: 'not settled: x', value: 2 }])
  })
})

describe('the cause of a decision', () => {
  const at = (hour: number) => START + hour * HOUR
  const engine = createEngine({
    segments: [],
    rules: [
      { id: 'twice', when: did('a', 2), send: { channel: 'c', kind: 'k', content: {} } },
      { id: 'quiet', when: { kind: 'inactive', for: 24 * HOUR }, send: { channel: 'c', kind: 'k', content: {} } },
    ],
    governance: {},
    channels: {},
  } as unknown as Parameters<typeof createEngine>[0])
  const first = engine.step(undefined, 'u', { kind: 'event', event: event('a', at(0)) }, at(0)).profile

  it('is the event that made the rule true', () => {
    const { decisions } = engine.step(first, 'u', { kind: 'event', event: event('a', at(1)) }, at(1))
    expect(decisions).toMatchObject([{ rule: 'twice', cause: `a@${at(1)}` }])
  })

  it('is none when time alone did, also where an event comes after', () => {
    expect(engine.step(first, 'u', { kind: 'tick', at: at(24) }, at(24)).decisions[0]).not.toHaveProperty('cause')
    const { decisions } = engine.step(first, 'u', { kind: 'event', event: event('a', at(30)) }, at(30))
    expect(decisions.map(({ rule, cause }) => [rule, cause])).toEqual([
      ['quiet', undefined],
      ['twice', `a@${at(30)}`],
    ])
  })

  it('is the event of the moment it became true, where a late one shows that it did', () => {
    const past = engine.pastOf(engine.step(undefined, 'u', { kind: 'event', event: event('a', at(2)) }, at(2)).profile)
    const { decisions } = engine.rebuild('u', [event('a', at(1)), event('a', at(2))], [past], at(3), 'decide')
    expect(decisions).toMatchObject([{ rule: 'twice', since: at(2), cause: `a@${at(2)}` }])
  })
})
