import type { Store } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import { expect, it } from 'vitest'
import { configWith, HOUR, recorder, START, world } from './world.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A store whose connection breaks when told to: after the commit has been written, and before anybody hears of it. */
function breaking(store: Store) {
  const line = { breaks: false, staysDown: false, isDown: false }
  const transaction: Store['transaction'] = async (work) => {
    if (line.isDown) throw new Error('the connection is down')
    const result = await store.transaction(work)
    if (!line.breaks) return result
    line.breaks = false
    line.isDown = line.staysDown
    throw new Error('the connection broke')
  }
  return Object.assign(line, { store: { ...store, transaction } })
}

it('a commit that is written and seems to have failed is in memory when the next one comes', async () => {
  const line = breaking(sqlite(':memory:'))
  const channel = recorder()
  const { does, host } = await world({ config: configWith(line.store, [channel]) })
  await does('u', 'used', { feature: 'A' })
  line.breaks = true
  await expect(does('u', 'used', { feature: 'A' }, { messageId: 'twice' })).rejects.toThrow('the connection broke')
  expect(await does('u', 'used', { feature: 'A' }, { messageId: 'twice' })).toBe('duplicate')
  expect(channel.sent.map(({ rule }) => rule)).toEqual(['tip'])
  expect(await host.config.store.log(0, 10)).toHaveLength(2)
})

it('what it decided is sent, and what it set a timer for rings, though nothing more comes in', async () => {
  const line = breaking(sqlite(':memory:'))
  const channel = recorder()
  const { does, host, clock } = await world({ config: configWith(line.store, [channel]) })
  line.breaks = true
  await expect(does('u', 'used', { feature: 'A' })).rejects.toThrow('the connection broke')
  await host.settled()
  await clock.moveTo(START + 25 * HOUR)
  expect(channel.sent.map(({ rule }) => rule)).toEqual(['come-back'])
})

it('and it is read once the store answers again', async () => {
  const line = breaking(sqlite(':memory:'))
  const channel = recorder()
  const { does, host, clock } = await world({ config: configWith(line.store, [channel]) })
  await does('u', 'used', { feature: 'A' })
  Object.assign(line, { breaks: true, staysDown: true })
  await expect(does('u', 'used', { feature: 'A' })).rejects.toThrow('the connection broke')
  await clock.moveTo(clock.now() + 5_000)
  expect(channel.sent).toEqual([])
  line.isDown = false
  await clock.moveTo(clock.now() + 5_000)
  await turn()
  await host.settled()
  expect(channel.sent.map(({ rule }) => rule)).toEqual(['tip'])
})
