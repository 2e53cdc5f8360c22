import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CanonicalEvent, type Plugin, type Profile, type Store, type WaymarkConfig, WaymarkError } from '@waymark/core'
import { type VirtualClock, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { inMemory } from './in-memory.ts'
import { configWith, DAY, HOUR, plan, recorder, START, toRecorder, type World, world } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-unmerge-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000)

const { did, inactive, sequence, otherwise } = plan.behaviour
const rules = [
  plan.rule('tip', { when: did('used', { feature: 'A' }).atLeast(2).across(2, 'sessions'), send: toRecorder('tip'), limit: { max: 1, per: '2d' } }),
  plan.rule('started', { when: sequence('signed_up', 'used').within('6h'), send: toRecorder('started') }),
  plan.rule('quiet', { when: did('used').atMost(1).within('12h'), send: toRecorder('quiet') }),
  plan.rule('come-back', { when: inactive('5h'), send: toRecorder('come back') }),
]
const segments = [
  plan.segments('breadth', { wide: did('used').distinct('feature').atLeast(2).within('1d'), narrow: otherwise }),
  plan.segments('start', { started: did('used').atLeast(1).within('12h').of('signed_up'), not: otherwise }),
]
const governance = { frequencyCap: { max: 2, per: '1d' }, consent: { unset: { personalization: 'granted' } } } as const
/** People are left alone at night only by what reaches them outside. */
const outside: Plugin = { ...recorder(), channel: { name: 'recorder', reach: 'outside', send: async () => ({ status: 'sent' }) } }
const configOn = (store: Store, more: Partial<WaymarkConfig> = {}) => configWith(store, [outside], { rules, segments, governance, ...more })

const time = { wait: fc.integer({ min: 0, max: 6 }), late: fc.constantFrom(0, 0, 0, 1, 4) }
type Who = Pick<CanonicalEvent, 'userId' | 'anonymousId'>
const event = fc.record({
  kind: fc.constant('event' as const),
  ...time,
  who: fc.constantFrom<Who>(
    ...[{ userId: 'u' }, { userId: 'v' }, { anonymousId: 'a' }, { anonymousId: 'b' }, { userId: 'u', anonymousId: 'a' }],
    ...[
      { userId: 'v', anonymousId: 'b' },
      { userId: 'u', anonymousId: 'b' },
      { userId: 'v', anonymousId: 'a' },
    ],
  ),
  event: fc.constantFrom('signed_up', 'used', 'used', 'used'),
  feature: fc.constantFrom('A', 'B', 'C'),
})
const alias = fc.record({ kind: fc.constant('alias' as const), ...time, user: fc.constantFrom('u', 'v'), previousId: fc.constantFrom('u', 'v', 'a') })
const change = fc.record({
  kind: fc.constantFrom('unmerge' as const, 'unmerge' as const, 'merge' as const),
  wait: time.wait,
  user: fc.constantFrom('u', 'v'),
  id: fc.constantFrom('u', 'v', 'a', 'b'),
})
type Step = ReturnType<(typeof event | typeof alias | typeof change)['generate']>['value']
const step = fc.oneof({ weight: 6, arbitrary: event }, { weight: 1, arbitrary: alias }, { weight: 2, arbitrary: change })

async function take({ does, host, clock }: World, one: Step, messageId: string): Promise<void> {
  await clock.moveTo(clock.now() + one.wait * HOUR)
  const when = 'late' in one ? { timestamp: clock.now() - one.late * HOUR, messageId } : {}
  if (one.kind === 'event') {
    const { userId, ...rest } = one.who
    const identity = { ...rest, ...(userId === undefined ? { userId: undefined as never } : {}) }
    await does(userId ?? '', one.event, one.event === 'used' ? { feature: one.feature } : {}, { ...identity, ...when })
  } else if (one.kind === 'alias') {
    await does(one.user, '', {}, { type: 'alias', event: undefined as never, previousId: one.previousId, ...when })
  } else {
    try {
      await host[one.kind](one.user, one.id)
    } catch (error) {
      if (!WaymarkError.is(error)) throw error
    }
  }
  await host.settled()
  // A standing clock rings what a late event made due only when it is moved.
  await clock.moveTo(clock.now())
}

async function profilesOf(file: string): Promise<Record<string, Profile>> {
  const store = sqlite(file)
  await store.open()
  const snapshots = await store.snapshots(await store.profileIds())
  await store.close()
  return Object.fromEntries([...snapshots].map(([id, { profile }]) => [id, profile]))
}

/** While `broken` says so, writes the snapshots of some profiles and not how far they go: what a crash in the middle of a checkpoint leaves. */
function breakable(store: Store, broken: { written?: readonly string[] | undefined }): Store {
  return {
    ...store,
    transaction: (work) =>
      store.transaction((tx) => {
        const { written } = broken
        if (written === undefined) return work(tx)
        return work({
          ...tx,
          checkpoint: (taken) => tx.checkpoint(taken.filter(({ profile }) => written.includes(profile.id))),
          setCursor: async (name, value) => (name === 'checkpoint' ? undefined : tx.setCursor(name, value)),
        })
      }),
  }
}

it('the log alone gives the profiles and the ledger that the running host has, whatever was merged and taken apart, wherever a checkpoint broke off', async () => {
  let run = 0
  const place = fc.nat({ max: 29 })
  const written = fc.subarray(['u', 'v', 'anon:a', 'anon:b'])
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), place, place, written, async (steps, checkpointAfter, brokenAfter, some) => {
      run += 1
      const file = join(folder, `live-${run}.db`)
      const copy = join(folder, `copy-${run}.db`)
      const clock = virtualClock(START)
      const broken: { written?: readonly string[] | undefined } = {}
      const start = () => world({ config: configOn(breakable(sqlite(file), broken)), clock })
      let live = await start()
      for (const [index, one] of steps.entries()) {
        await take(live, one, `m${index}`)
        if (index !== checkpointAfter && index !== brokenAfter) continue
        broken.written = index === brokenAfter ? some : undefined
        await live.host.close()
        broken.written = undefined
        live = await start()
      }
      // What a crash would leave: the files as they are, with no checkpoint written.
      for (const suffix of ['', '-wal']) if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix)
      const ledger = await live.host.config.store.decisions({})
      await live.host.close()

      const recovered = await world({ config: configOn(sqlite(copy)), clock })
      expect(await recovered.host.config.store.decisions({})).toEqual(ledger)
      await recovered.host.close()
      expect(await profilesOf(copy)).toEqual(await profilesOf(file))
    }),
    { numRuns: 80 },
  )
}, 240_000)

it.each(['u', 'v'])('what %s was merged with after an unmerge is still known when only its snapshot was written', async (heir) => {
  const file = join(folder, `after-${heir}.db`)
  const broken: { written?: readonly string[] | undefined } = {}
  const hello = plan.rule('hello', { when: did('used', { feature: 'B' }), send: toRecorder('hello') })
  const start = (path: string, clock: VirtualClock) => world({ config: configOn(breakable(sqlite(path), broken), { rules: [hello] }), clock })
  const live = await start(file, virtualClock(START))
  for (const user of ['u', 'v']) await live.does(user, 'used', { feature: 'A' })
  await live.does('u', '', {}, { type: 'alias', event: undefined as never, previousId: 'v' })
  await live.does('', 'used', { feature: 'B' }, { anonymousId: 'b', userId: undefined as never })
  await live.host.close()
  // From here on recovery reads the log; the visitor's message is in their snapshot alone, and that goes with the heir's.
  const second = await start(file, live.clock)
  await second.clock.moveTo(START + HOUR)
  await second.host.unmerge('u', 'v')
  await second.does(heir, 'used', { feature: 'C' }, { anonymousId: 'b' })
  broken.written = [heir]
  await second.host.close()
  broken.written = undefined
  const third = await start(file, live.clock)
  await third.host.close()
  const profile = (await profilesOf(file))[heir] as Profile
  expect(third.host.engine.pastOf(profile)).toMatchObject({ sends: [{ rule: 'hello', at: START }], rules: { hello: { since: START } } })
})

const { consent, frequencyCap } = governance
it.each([
  { what: 'all, a cap holding back', governance: { consent, frequencyCap }, isLate: false, only: undefined },
  { what: 'all, the night holding back', governance: { consent, quietHours: { from: '21:00', to: '08:00' } as const }, isLate: false, only: undefined },
  // What late events make of a decision is told to nobody later: the moment it was made at is that of what was known then.
  { what: 'memberships, events coming late', governance: { consent, frequencyCap }, isLate: true, only: 'segments' as const },
])(
  'a merge that is taken back at once leaves as if it had never been: $what',
  async (how) => {
    let compared = 0
    const person = event.map((one) => ({
      ...one,
      late: how.isLate ? one.late : (0 as const),
      who: one.who.userId === 'v' ? { userId: 'u' } : one.who.anonymousId === 'b' ? { anonymousId: 'a' } : one.who,
    }))
    await fc.assert(
      fc.asyncProperty(fc.array(person, { minLength: 2, maxLength: 25 }), async (steps) => {
        const start = async () => {
          const { store, profiles } = inMemory()
          return { live: await world({ config: configOn(store, { governance: how.governance }), clock: virtualClock(START) }), profiles }
        }
        const [joined, never] = [await start(), await start()]
        const ledgerOf = ({ live }: typeof joined) => live.host.config.store.decisions({ limit: 10_000 })
        let isApart = false
        let isComparable = true
        for (const [index, one] of steps.entries()) {
          const together = one.who.userId !== undefined && one.who.anonymousId !== undefined
          await take(joined.live, one, `m${index}`)
          await take(never.live, together ? { ...one, who: { userId: 'u' } } : one, `m${index}`)
          if (!together || isApart) continue
          isApart = true
          // What was decided because the two were one stays decided: such a run says nothing here.
          isComparable = how.only !== undefined || JSON.stringify(await ledgerOf(joined)) === JSON.stringify(await ledgerOf(never))
          await joined.live.host.unmerge('u', 'a')
        }
        const at = joined.live.clock.now() + HOUR
        const standing = async (one: typeof joined) => {
          const ledger = await ledgerOf(one)
          await one.live.host.close()
          return Object.fromEntries(
            [...one.profiles].map(([id, profile]) => {
              const sends = one.live.host.engine.pastOf(profile).sends.filter((send) => send.at > at - 2 * DAY)
              const reading = one.live.host.engine.read(profile, at)
              return [id, how.only === undefined ? { ...reading, sends, ledger: ledger.filter((line) => line.profile === id) } : reading[how.only]]
            }),
          )
        }
        const [left, right] = [await standing(joined), await standing(never)]
        if (!isApart || !isComparable) return
        compared += 1
        expect(left).toEqual(right)
      }),
      { numRuns: 120 },
    )
    expect(compared).toBeGreaterThan(25)
  },
  240_000,
)
