import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CanonicalEvent, Plugin, Store, WaymarkConfig } from '@waymark/core'
import { explain, silentLogger, type VirtualClock, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { configOn, profilesIn, type Step, step, take } from './random-life.ts'
import { configWith, DAY, HOUR, plan, recorder, START, toRecorder, type World, world } from './world.ts'

const { did, inactive, inSegment } = plan.behaviour
const folder = mkdtempSync(join(tmpdir(), 'waymark-compaction-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function newFile(): string {
  files += 1
  return join(folder, `${files}.db`)
}

const kindsIn = async (store: Store) => (await store.log(0, 100_000)).map(({ input }) => input.kind)
const eventsIn = async (store: Store) => (await store.log(0, 100_000)).flatMap(({ input }) => (input.kind === 'event' ? [input.event] : []))
const recordIn = async (store: Store) =>
  JSON.parse((await store.cursor('compaction')) ?? '{}') as { readonly horizon: number | null; readonly events: number; readonly others: number }

/** Started anew, so that everything is in snapshots, and given the time to go through the log. */
async function again(before: World, config: WaymarkConfig, wait = HOUR, more: { readonly clock?: VirtualClock } = {}): Promise<World> {
  await before.host.close()
  const next = await world({ config, clock: before.clock, ...more })
  await next.clock.moveTo(next.clock.now() + wait)
  return next
}

describe('what the log has for recovery and sinks alone', () => {
  it('goes once snapshots include it and every sink has it, and not before', async () => {
    const file = newFile()
    const taken: CanonicalEvent[] = []
    let isDown = true
    const sink: Plugin = {
      name: 'sink',
      purpose: 'essential',
      sink: {
        async deliver(events) {
          if (isDown) return events.map(() => ({ status: 'retry', reason: 'down' }))
          taken.push(...events)
          return events.map(() => ({ status: 'delivered' }))
        },
      },
    }
    const config = () => configWith(sqlite(file), [recorder(), sink])
    let live = await world({ config: config() })
    for (const user of ['u', 'v']) await live.does(user, 'used', { feature: 'A' })
    await live.clock.moveTo(START + 3 * DAY)
    expect(await kindsIn(live.host.config.store)).toEqual(['event', 'event', 'tick', 'tick'])
    // In no snapshot yet.
    await live.clock.moveTo(START + 3 * DAY + 12 * HOUR)
    expect(await kindsIn(live.host.config.store)).toHaveLength(4)
    // The sink has not been taken past them.
    live = await again(live, config(), 12 * HOUR)
    expect(await kindsIn(live.host.config.store)).toHaveLength(4)
    isDown = false
    await live.clock.moveTo(live.clock.now() + DAY)
    expect(taken).toHaveLength(2)
    expect(await kindsIn(live.host.config.store)).toEqual(['event', 'event'])
    expect(await recordIn(live.host.config.store)).toMatchObject({ horizon: null, events: 0, others: 2 })
    await live.host.close()
  })

  it('goes without a policy; no event does', async () => {
    const file = newFile()
    let live = await world({ config: configWith(sqlite(file), [recorder()]) })
    await live.does('u', 'used', { feature: 'A' })
    await live.clock.moveTo(START + 400 * DAY)
    live = await again(live, configWith(sqlite(file), [recorder()]))
    expect(await kindsIn(live.host.config.store)).toEqual(['event'])
    await live.host.close()
  })
})

describe('events past the age of the policy', () => {
  const lasting = plan.segments('habit', { regular: did('used').atLeast(3).within('7d') })
  const asked = (more: Partial<WaymarkConfig> = {}): Partial<WaymarkConfig> => ({
    segments: [lasting, plan.segments('start', { active: did('used').distinct('feature').atLeast(2).within('48h').of('signed_up') })],
    rules: [
      plan.rule('come-back', { when: inactive('24h'), send: toRecorder('Come back') }),
      plan.rule('loyal', { when: inSegment(lasting, 'regular').for('3d'), send: toRecorder('Thank you') }),
    ],
    retention: { log: { age: '30d' } },
    ...more,
  })

  /** Ten events a day, a minute apart, for so many days. */
  async function lived(file: string, days: number, more: Partial<WaymarkConfig> = {}): Promise<World> {
    const live = await world({ config: configWith(sqlite(file), [recorder()], asked(more)) })
    await live.does('u', 'signed_up', {}, { messageId: 'signed up' })
    for (let day = 0; day < days; day += 1) {
      await live.clock.moveTo(START + day * DAY + HOUR)
      for (let count = 0; count < 10; count += 1) {
        await live.clock.moveTo(live.clock.now() + 60_000)
        await live.does('u', 'used', { feature: 'ABC'[count % 3] as string }, { messageId: `${day}.${count}` })
      }
    }
    return live
  }

  it('are dropped where nothing reads them, and everybody stands and is told as before', async () => {
    const [whole, part] = [newFile(), newFile()]
    const kept = await lived(whole, 60, { retention: {} })
    const lean = await lived(part, 60)
    const other = await again(kept, configWith(sqlite(whole), [recorder()], asked({ retention: {} })))
    const compacted = await again(lean, configWith(sqlite(part), [recorder()], asked()))
    const [all, left] = [await eventsIn(other.host.config.store), await eventsIn(compacted.host.config.store)]
    expect(all).toHaveLength(601)
    // Of the first three weeks the sign-up, what was enough then, and what makes the visits.
    expect(left.length).toBeLessThan(450)
    expect(left.filter(({ timestamp }) => timestamp >= START + 23 * DAY)).toEqual(all.filter(({ timestamp }) => timestamp >= START + 23 * DAY))
    expect(left[0]?.event).toBe('signed_up')
    expect((await recordIn(compacted.host.config.store)).events).toBe(all.length - left.length)

    // An event that comes late has them read again from what there is.
    for (const one of [other, compacted]) {
      for (const late of [2 * DAY, 40 * DAY, 58 * DAY])
        await one.does('u', 'used', { feature: 'D' }, { timestamp: one.clock.now() - late, messageId: `late by ${late}` })
      await one.clock.moveTo(one.clock.now() + 10 * DAY)
    }
    const told = async ({ host: { config }, clock }: World) => {
      const explained = await explain(config, config.store, 'u', { now: clock.now() })
      const sinceThen = (since: number | undefined) => (since === undefined ? undefined : Math.max(since, START + 31 * DAY))
      return {
        profile: explained?.profile,
        segments: explained?.segments.map(({ since, ...segment }) => ({ ...segment, since: sinceThen(since) })),
        rules: explained?.rules.map(({ since, last, ...rule }) => ({ ...rule, since: sinceThen(since) })),
        ledger: explained?.ledger.map(({ rule, since, at, outcome }) => ({ rule, since, at, outcome })),
      }
    }
    expect(await told(compacted)).toEqual(await told(other))
    await other.host.close()
    await compacted.host.close()
  })

  it('leave the place of a horizon, and a rule that reads further back is told so', async () => {
    const file = newFile()
    const live = await again(await lived(file, 60), configWith(sqlite(file), [recorder()], asked()))
    const { horizon } = await recordIn(live.host.config.store)
    const round = START + 59 * DAY + HOUR + 10 * 60_000 + 60_000
    expect((horizon as number) - (round - 30 * DAY)).toBeLessThan(1_000)
    const warnings: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => warnings.push(message) }
    const often = plan.rule('often', { when: did('used', { feature: 'A' }).atLeast(100), send: toRecorder('Often') })
    const week = plan.rule('week', { when: did('used', { feature: 'B' }).atLeast(9).within('14d'), send: toRecorder('A week') })
    const rules = [...(asked().rules ?? []), often, week]
    await live.host.close()
    const next = await world({ config: configWith(sqlite(file), [recorder()], asked({ rules })), clock: live.clock, logger })
    expect(warnings).toEqual([
      expect.stringMatching(
        /^rule 'often': 'did used with feature = 'A' at least 100 times' reads the log further back than it goes: of what happened before 2026-/,
      ),
    ])
    // Later horizons do not make it lack more than it did.
    await next.clock.moveTo(next.clock.now() + 40 * DAY)
    warnings.length = 0
    const last = await again(next, configWith(sqlite(file), [recorder()], asked({ rules })))
    await last.host.close()
    const told = await world({ config: configWith(sqlite(file), [recorder()], asked({ rules })), clock: last.clock, logger })
    expect(warnings).toEqual([expect.stringContaining(new Date(horizon as number).toISOString())])
    await told.host.close()
  })
})

describe('a life of people who come, go and turn out to be the same', () => {
  const rules = [
    plan.rule('tip', { when: did('used', { feature: 'A' }).atLeast(2), send: toRecorder('tip'), limit: { max: 1, per: '2d' } }),
    plan.rule('busy', { when: did('used').atLeast(3).within('90m'), send: toRecorder('busy') }),
    plan.rule('quiet', { when: did('used').atMost(1).within('3h'), send: toRecorder('quiet') }),
    plan.rule('several', { when: did('used').distinct('feature').atLeast(2), send: toRecorder('several') }),
    plan.rule('come-back', { when: inactive('4h'), send: toRecorder('come back') }),
  ]
  const configOf = (store: Store, age?: '12h') => ({ ...configOn(store), segments: [], rules, ...(age === undefined ? {} : { retention: { log: { age } } }) })
  /** Somebody who stays for a while. */
  const visit = step.map((first): readonly Step[] => [first, ...Array.from({ length: 9 }, (): Step => ({ ...first, wait: 0.05, late: 0, event: 'used' }))])
  const bare = async (store: Store) =>
    (await store.decisions({ limit: 10_000 })).map(({ profile, rule, at, outcome, guard }) => `${profile} ${rule} ${at - START} ${guard ?? outcome}`).toSorted()
  const files = (from: string, to: string) => {
    for (const suffix of ['', '-wal']) if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix)
  }

  it('comes to the same over a log that is compacted all along, crashes included', async () => {
    let gone = 0
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 5, maxLength: 10 }), fc.array(fc.nat(49), { maxLength: 3 }), async (visits, crashes) => {
        const steps = visits.flat()
        const [one, other, copy] = [newFile(), newFile(), newFile()]
        const [clock, clockToo] = [virtualClock(START), virtualClock(START)]
        const whole = await world({ config: configOf(sqlite(one)), clock })
        const lean = () => world({ config: configOf(sqlite(other), '12h'), clock: clockToo })
        let live = await lean()
        for (const [index, next] of steps.entries()) {
          const ids = { messageId: `e${index}` }
          await take(whole, next, ids)
          await take(live, next, ids)
          if (!crashes.includes(index)) continue
          await live.host.close()
          live = await lean()
        }
        await both(whole, live, 40 * HOUR)
        await live.host.close()
        live = await lean()
        // What is late by now, and shows who is who.
        const more: readonly Step[] = [
          { wait: 12, late: 30, who: { userId: 'u', anonymousId: 'b' }, event: 'used', feature: 'A' },
          { wait: 1, late: 3, who: { userId: 'v', anonymousId: 'a' }, event: 'used', feature: 'B' },
          { wait: 1, late: 60, who: { userId: 'u' }, event: 'signed_up', feature: 'A' },
        ]
        for (const [index, next] of more.entries()) {
          await take(whole, next, { messageId: `l${index}` })
          await take(live, next, { messageId: `l${index}` })
        }
        await both(whole, live, 40 * HOUR)
        expect(await bare(live.host.config.store)).toEqual(await bare(whole.host.config.store))
        // A crash: what is left is read from the compacted log.
        files(other, copy)
        const { events } = await recordIn(live.host.config.store)
        gone += events
        const recovered = await world({ config: configOf(sqlite(copy), '12h'), clock: clockToo })
        expect(await bare(recovered.host.config.store)).toEqual(await bare(live.host.config.store))
        for (const { host } of [whole, live, recovered]) await host.close()
        expect(Object.keys(await profilesIn(sqlite(copy)))).toEqual(Object.keys(await profilesIn(sqlite(one))))
      }),
      { numRuns: 20 },
    )
    expect(gone).toBeGreaterThan(100)
  }, 120_000)

  async function both(one: World, other: World, wait: number): Promise<void> {
    for (const { clock } of [one, other]) await clock.moveTo(clock.now() + wait)
  }
})
