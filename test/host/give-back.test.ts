import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Governance, SendOutcome, Store } from '@waymark/core'
import type { VirtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { configWith, DAY, HOUR, plan, recorder, START, toRecorder, world } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-give-back-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { did } = plan.behaviour
const governance: Governance = { frequencyCap: { max: 1, per: '7d' }, consent: { unset: { personalization: 'granted' } } }
const rules = [
  plan.rule('joined', { when: did('signed_up'), send: toRecorder('joined') }),
  plan.rule('used', { when: did('used', { feature: 'A' }), send: toRecorder('used') }),
]
const refused: SendOutcome = { status: 'rejected', reason: 'no such person' }

/** A world in which at most one message a week goes to a user, and the first ends as told. */
async function capped(answers: readonly SendOutcome[], options: { store?: Store; clock?: VirtualClock; more?: Parameters<typeof configWith>[2] } = {}) {
  const channel = recorder(answers)
  const config = configWith(options.store ?? sqlite(':memory:'), [channel], { segments: [], rules, governance, ...options.more })
  const running = await world({ config, ...(options.clock === undefined ? {} : { clock: options.clock }) })
  const outcomesOf = async (rule: string) =>
    (await config.store.decisions({ rule })).map(({ outcome, guard }) => (outcome === 'sent' ? 'sent' : guard)).toReversed()
  return { ...running, channel, outcomesOf }
}

/** The files of a store as they are now, as a crash would leave them. */
function copyOf(file: string): string {
  const copy = `${file}.copy.db`
  for (const suffix of ['', '-wal']) copyFileSync(file + suffix, copy + suffix)
  return copy
}

describe('a cap', () => {
  it.each([
    ['rejected', refused, 'sent'],
    ['sent', { status: 'sent' }, 'frequency-cap'],
    ['unknown', { status: 'unknown', reason: 'line lost' }, 'frequency-cap'],
  ] as const)('after a message that was %s', async (_, answer, expected) => {
    const { does, outcomesOf } = await capped([answer])
    await does('u', 'signed_up')
    await does('u', 'used', { feature: 'A' })
    expect(await outcomesOf('used')).toEqual([expected])
  })

  it('does not count what was cancelled, nor what was given up', async () => {
    const back = plan.rule('back', { when: plan.behaviour.inactive('24h'), send: toRecorder('back') })
    const { does, clock, outcomesOf, host } = await capped([{ status: 'retry', reason: 'down', afterMs: HOUR }], { more: { rules: [back, ...rules] } })
    await does('u', 'used', { feature: 'B' })
    await clock.moveTo(START + DAY)
    // The user is there again: what was to bring them back is no longer sent, and what they do now is answered.
    await does('u', 'used', { feature: 'B' })
    await clock.moveTo(START + DAY + 2 * HOUR)
    expect((await host.config.store.messages('u')).map(({ state }) => state)).toEqual(['cancelled'])
    await does('u', 'used', { feature: 'A' })
    expect(await outcomesOf('used')).toEqual(['sent'])

    const dead = await capped(Array.from({ length: 100 }, () => ({ status: 'retry', reason: 'down' })))
    await dead.does('u', 'signed_up')
    await dead.clock.moveTo(START + 5 * DAY)
    expect((await dead.host.config.store.messages('u')).map(({ state }) => state)).toEqual(['dead'])
    await dead.does('u', 'used', { feature: 'A' })
    expect(await dead.outcomesOf('used')).toEqual(['sent'])
  })

  it('counts what may have arrived before it was refused', async () => {
    const { channel, ...plugin } = recorder([{ status: 'unknown', reason: 'line lost' }, refused])
    const keyed = { ...plugin, ...(channel === undefined ? {} : { channel: { ...channel, dedup: { windowMs: DAY } } }) }
    const config = configWith(sqlite(':memory:'), [keyed], { segments: [], rules, governance })
    const { does, clock } = await world({ config })
    await does('u', 'signed_up')
    await clock.moveTo(START + HOUR)
    expect(await config.store.messages('u')).toMatchObject([{ state: 'rejected', unclearSince: START }])
    await does('u', 'used', { feature: 'A' })
    expect(await config.store.decisions({ rule: 'used' })).toMatchObject([{ guard: 'frequency-cap' }])
  })

  it('of a rule does not count it either, and the rule is not sent again for the same time', async () => {
    const limited = [plan.rule('each', { when: did('used').atLeast(1).within('1h'), send: toRecorder('each'), limit: { max: 1, per: '7d' } })]
    const { does, clock, outcomesOf, channel } = await capped([refused], { more: { rules: limited, governance: { consent: governance.consent ?? {} } } })
    await does('u', 'used', { feature: 'A' })
    await does('u', 'used', { feature: 'A' })
    // Late, so that all is read anew.
    await does('u', 'used', { feature: 'A' }, { timestamp: START - DAY })
    expect(await outcomesOf('each')).toEqual(['sent'])
    await clock.moveTo(START + 2 * HOUR)
    await does('u', 'used', { feature: 'A' })
    expect(await outcomesOf('each')).toEqual(['sent', 'sent'])
    await clock.moveTo(START + 4 * HOUR)
    await does('u', 'used', { feature: 'A' })
    expect(await outcomesOf('each')).toEqual(['sent', 'sent', 'limit'])
    expect(channel.sent).toHaveLength(1)
  })
})

describe('what a cap no longer counts', () => {
  it('is in the log: a crash does not bring it back', async () => {
    const file = join(folder, 'crash.db')
    const first = await capped([refused], { store: sqlite(file) })
    await first.does('u', 'signed_up')
    const log = await first.host.config.store.log(0, 10)
    expect(log.map(({ input }) => input)).toMatchObject([{ kind: 'event' }, { kind: 'undelivered', rule: 'joined', decidedAt: START }])
    // Never closed: no snapshot was written.
    const second = await capped([], { store: sqlite(copyOf(file)), clock: first.clock })
    await second.does('u', 'used', { feature: 'A' })
    expect(await second.outcomesOf('used')).toEqual(['sent'])
    await second.host.close()
  })

  it('is on disk in the very commit that says the message was refused', async () => {
    const store = sqlite(':memory:')
    const logged: boolean[] = []
    const watched: Store = {
      ...store,
      async transaction(work) {
        const done = await store.transaction(work)
        const [message] = await store.messages('u')
        if (message?.state === 'rejected') logged.push((await store.log(0, 10)).some(({ input }) => input.kind === 'undelivered'))
        return done
      },
    }
    const { does, host } = await capped([refused], { store: watched })
    await does('u', 'signed_up')
    await host.settled()
    expect(logged[0]).toBe(true)
  })

  it.each([
    ['late events', async (does: Awaited<ReturnType<typeof capped>>['does']) => void (await does('u', 'used', { feature: 'B' }, { timestamp: START - DAY }))],
    ['a merge', async (does: Awaited<ReturnType<typeof capped>>['does']) => void (await does('u', 'used', { feature: 'B' }, { anonymousId: 'device' }))],
  ])('stays so through %s', async (_, comes) => {
    const { does, outcomesOf, host } = await capped([refused])
    await host.ingest([
      {
        ...({ type: 'track', event: 'used', messageId: 'visit', anonymousId: 'device', timestamp: START, receivedAt: START, source: 'test' } as const),
        ...{ properties: { feature: 'B' }, traits: {}, context: {}, integrations: {} },
      },
    ])
    await does('u', 'signed_up')
    await comes(does)
    await does('u', 'used', { feature: 'A' })
    expect(await outcomesOf('used')).toEqual(['sent'])
  })

  it('stays so when the rules change, also after a crash', async () => {
    const file = join(folder, 'changed.db')
    const first = await capped([refused], { store: sqlite(file) })
    await first.does('u', 'signed_up')
    const more = [...rules, plan.rule('new', { when: did('used').atLeast(50), send: toRecorder('new') })]
    const second = await capped([], { store: sqlite(copyOf(file)), clock: first.clock, more: { rules: more } })
    await second.does('u', 'used', { feature: 'A' })
    expect(await second.outcomesOf('used')).toEqual(['sent'])
    await second.host.close()
  })

  it('stays so when a user is told apart from another', async () => {
    const { does, outcomesOf, host } = await capped([refused])
    await does('u', 'signed_up', {}, { anonymousId: 'device' })
    await does('u', 'used', { feature: 'B' })
    await host.unmerge('u', 'device')
    await does('u', 'used', { feature: 'A' })
    expect(await outcomesOf('used')).toEqual(['sent'])
  })
})
