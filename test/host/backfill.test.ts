import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Rule, Store, Transaction } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { configWith, DAY, plan, recorder, toRecorder, type World, world } from './world.ts'

const { did, inactive } = plan.behaviour
const folder = mkdtempSync(join(tmpdir(), 'waymark-backfill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const welcome = (more: Pick<Rule, 'backfill'> = {}) => plan.rule('welcome', { when: did('used').atLeast(2), send: toRecorder('Welcome'), ...more })

/** A host with these rules on a file, going on from where another one was closed. Nothing is too old to be sent. */
async function go(file: string, rules: readonly Rule[], after?: World): Promise<World & { readonly sent: () => readonly string[] }> {
  const channel = recorder()
  const config = configWith(sqlite(join(folder, file)), [channel], { rules, timers: { staleAfter: '60d' } })
  const next = await world({ config, ...(after === undefined ? {} : { clock: after.clock }) })
  await next.host.settled()
  return { ...next, sent: () => channel.sent.map(({ profile, rule }) => `${rule} to ${profile}`) }
}

describe('a new rule', () => {
  it('is silent for those of whom it is true already', async () => {
    const first = await go('silent.db', [])
    for (const _ of [1, 2]) await first.does('u', 'used', { feature: 'A' })
    await first.host.close()
    const second = await go('silent.db', [welcome()], first)
    expect(second.sent()).toEqual([])
    await second.host.close()
  })

  it("with backfill: 'send' sends to them, once, whatever changes or restarts follow", async () => {
    const first = await go('send.db', [])
    for (const user of ['u', 'v']) for (const _ of [1, 2]) await first.does(user, 'used', { feature: 'A' })
    await first.does('w', 'used', { feature: 'A' })
    await first.host.close()
    const second = await go('send.db', [welcome({ backfill: 'send' })], first)
    expect(second.sent().toSorted()).toEqual(['welcome to u', 'welcome to v'])
    await second.does('w', 'used', { feature: 'A' })
    expect(second.sent()).toHaveLength(3)
    await second.host.close()
    const third = await go('send.db', [welcome({ backfill: 'send' })], second)
    expect(third.sent()).toEqual([])
    await third.host.close()
    const other = plan.rule('gone', { when: inactive('7d'), send: toRecorder('Gone') })
    const fourth = await go('send.db', [welcome({ backfill: 'send' }), other], third)
    expect(fourth.sent()).toEqual([])
    await fourth.host.close()
  })

  it('that is changed makes up for nobody who has had its message', async () => {
    const first = await go('changed.db', [welcome()])
    for (const _ of [1, 2]) await first.does('u', 'used', { feature: 'A' })
    for (const _ of [1, 2]) await first.does('v', 'used', { feature: 'B' })
    expect(first.sent()).toHaveLength(2)
    await first.does('w', 'used', { feature: 'A' })
    await first.host.close()
    const wider = plan.rule('welcome', { when: did('used').atLeast(1), send: toRecorder('Welcome'), backfill: 'send' })
    const second = await go('changed.db', [wider], first)
    expect(second.sent()).toEqual(['welcome to w'])
    await second.host.close()
  })
})

describe('a changed definition', () => {
  it('with a rule of time writes to nobody who has long been gone', async () => {
    const stays = plan.rule('stays', { when: inactive('48h'), send: toRecorder('Stays') })
    const first = await go('dormant.db', [stays])
    await first.does('u', 'used', { feature: 'A' })
    await first.host.close()
    first.clock.jumpTo(first.clock.now() + 30 * DAY)
    const back = plan.rule('back', { when: inactive('24h'), send: toRecorder('Back') })
    const second = await go('dormant.db', [stays, back], first)
    await second.clock.moveTo(second.clock.now() + DAY)
    // What fell due while nobody was looking is made up for; the new rule has no past.
    expect(second.sent()).toEqual(['stays to u'])
    await second.does('u', 'used', { feature: 'A' })
    await second.clock.moveTo(second.clock.now() + DAY)
    await second.host.settled()
    expect(second.sent()).toEqual(['stays to u', 'back to u'])
    await second.host.close()
  })

  it('does not revive what was held back once and is true anew only since', async () => {
    const capped = { frequencyCap: { max: 1, per: '1d' }, consent: { unset: { personalization: 'granted' } } } as const
    const hello = plan.rule('hello', { when: did('signed_up'), send: toRecorder('Hello') })
    const soon = plan.rule('soon', { when: did('used').atLeast(2).within('1h'), send: toRecorder('Soon') })
    const first = await world({ config: configWith(sqlite(join(folder, 'dead-hold.db')), [recorder()], { governance: capped, rules: [hello, soon] }) })
    await first.does('u', 'signed_up')
    for (const _ of [1, 2]) await first.does('u', 'used', { feature: 'A' })
    await first.clock.moveTo(first.clock.now() + 3 * DAY)
    await first.does('u', 'used', { feature: 'A' })
    await first.host.close()
    const channel = recorder()
    const wider = plan.rule('soon', { when: did('used').atLeast(3), send: toRecorder('Soon') })
    const config = configWith(sqlite(join(folder, 'dead-hold.db')), [channel], { governance: capped, rules: [hello, wider] })
    const second = await world({ config, clock: first.clock })
    await second.host.settled()
    expect(channel.sent).toEqual([])
    await second.host.close()
  })

  it('leaves to the timers what has not fallen due yet', async () => {
    const first = await go('due.db', [])
    await first.does('u', 'used', { feature: 'A' })
    await first.host.close()
    const second = await go('due.db', [plan.rule('back', { when: inactive('24h'), send: toRecorder('Back') })], first)
    await second.clock.moveTo(second.clock.now() + DAY)
    await second.host.settled()
    expect(second.sent()).toEqual(['back to u'])
    await second.host.close()
  })
})

/** A store on which the definition that snapshots were made under cannot be written, as when the host dies before that. */
function dyingBeforeItsDefinition(store: Store): Store {
  const dies = (tx: Transaction): Transaction =>
    new Proxy(tx, {
      get(target, member, receiver) {
        if (member !== 'setCursor') return Reflect.get(target, member, receiver)
        return async (name: string, value: string) => {
          if (name === 'rules') throw new Error('the host died')
          await target.setCursor(name, value)
        }
      },
    })
  return { ...store, transaction: (work) => store.transaction((tx) => work(dies(tx))) }
}

it('a changed definition that was cut short and taken back leaves everything as it was', async () => {
  const first = await go('cut.db', [welcome()])
  await first.does('u', 'used', { feature: 'A' })
  await first.host.close()
  const before = plan.rule('a-before-it', { when: did('used').atLeast(40), send: toRecorder('Before') })
  const config = configWith(dyingBeforeItsDefinition(sqlite(join(folder, 'cut.db'))), [recorder()], { rules: [before, welcome()] })
  await expect(world({ config, clock: first.clock })).rejects.toThrow('the host died')
  const back = await go('cut.db', [welcome()], first)
  await back.does('u', 'used', { feature: 'A' })
  expect(back.sent()).toEqual(['welcome to u'])
  await back.does('u', 'used', { feature: 'A' })
  expect(back.sent()).toHaveLength(1)
  await back.host.close()
})
