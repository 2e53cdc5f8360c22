import type { NewDeadLetter, Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { event, NOW, sent } from './samples.ts'

const MINUTE = 60_000

/** What could not be brought to its receiver. */
export function describeDeadLetters(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  const decide = (...keys: string[]) => store.transaction((tx) => tx.decide(keys.map((key) => sent(key))))
  const lease = (key: string, now: number) => store.transaction((tx) => tx.lease([key], now + MINUTE, now))

  describe('dead letters', () => {
    const of = (messageId: string, more: Partial<NewDeadLetter> = {}): NewDeadLetter =>
      ({
        at: NOW,
        stage: 'sink',
        plugin: 'crm',
        reason: 'refused: ä\u0000',
        attempts: 3,
        version: 'v1',
        event: event({ messageId }),
        ...more,
      }) as NewDeadLetter
    const write = (...letters: NewDeadLetter[]) => store.transaction((tx) => tx.deadLetter(letters))
    const all = () => store.deadLetters({ limit: 100 })
    const ids = async () => (await all()).map((letter) => (letter.stage === 'sink' ? letter.event.messageId : letter.message.key))

    it('are given back as they were, newest first, by page and by plugin', async () => {
      const letters = [of('a'), of('b', { plugin: 'lake' }), of('c', { retryAt: NOW + 5 })]
      await write(...letters)
      const found = await all()
      expect(found).toEqual(letters.map((letter, index) => ({ ...letter, id: found[2 - index]?.id })).toReversed())
      expect(await store.deadLetters({ limit: 2, before: found[0]?.id as number })).toEqual(found.slice(1))
      expect(await store.deadLetters({ limit: 1 })).toEqual(found.slice(0, 1))
      expect(await store.deadLetters({ limit: 9, plugin: 'lake' })).toEqual([found[1]])
      expect(await store.deadLetters({ limit: 9, ids: [found[2]?.id as number, 999] })).toEqual([found[2]])
      expect(await store.deadLetterTotals()).toEqual([
        { plugin: 'crm', stage: 'sink', count: 2, waiting: 1 },
        { plugin: 'lake', stage: 'sink', count: 1, waiting: 0 },
      ])
    })

    it('are one for each event of a plugin: a second takes the place of the first', async () => {
      await write(of('a', { retryAt: NOW + 5 }), of('a', { plugin: 'lake' }))
      await write(of('a', { reason: 'again', attempts: 4, at: NOW + 9 }), of('a', { event: event({ messageId: 'a', source: 'other' }) } as never))
      expect((await all()).map(({ plugin, reason, attempts, retryAt }) => [plugin, reason, attempts, retryAt])).toEqual([
        ['crm', 'refused: ä\u0000', 3, undefined],
        ['lake', 'refused: ä\u0000', 3, undefined],
        ['crm', 'again', 4, undefined],
      ])
    })

    it('that wait to be tried again are given out when due, the longest due first', async () => {
      await write(of('later', { retryAt: NOW + 9 }), of('first', { retryAt: NOW + 5 }), of('never'), of('elsewhere', { plugin: 'lake', retryAt: NOW }))
      const due = async (now: number) =>
        (await store.transaction((tx) => tx.dueDeadLetters('crm', now, 9))).map((letter) => letter.stage === 'sink' && letter.event.messageId)
      expect(await store.nextRetry('crm')).toBe(NOW + 5)
      expect(await store.nextRetry('none')).toBeUndefined()
      expect(await due(NOW + 4)).toEqual([])
      expect(await due(NOW + 9)).toEqual(['first', 'later'])
    })

    it('show a message as it is by now', async () => {
      await decide('k')
      await store.transaction(async (tx) => {
        await tx.settle('k', { state: 'unknown', at: NOW, reason: 'line lost' })
        await tx.deadLetter([{ at: NOW, stage: 'channel', plugin: 'mail', reason: 'line lost', attempts: 1, version: 'v1', key: 'k' }])
        await tx.answer('u1', 'k', 'clicked', NOW + 7)
      })
      expect(await all()).toMatchObject([
        { stage: 'channel', plugin: 'mail', reason: 'line lost', message: { key: 'k', state: 'unknown', clickedAt: NOW + 7 } },
      ])
    })

    it('are tried again when asked: an event at once, a message back in the outbox as if never tried', async () => {
      await decide('k', 'other')
      await lease('k', NOW)
      await store.transaction(async (tx) => {
        await tx.settle('k', { state: 'unknown', at: NOW, reason: 'line lost', unclearSince: NOW })
        await tx.deadLetter([of('e'), { at: NOW, stage: 'channel', plugin: 'mail', reason: 'line lost', attempts: 1, version: 'v1', key: 'k' }])
      })
      const retry = () => store.transaction((tx) => tx.retryDeadLetters({}, NOW + 9))
      expect(await retry()).toBe(2)
      expect(await ids()).toEqual(['e'])
      expect(await store.nextRetry('crm')).toBe(NOW + 9)
      expect(await all()).toMatchObject([{ attempts: 0, reason: 'refused: ä\u0000' }])
      expect((await store.transaction((tx) => tx.due('in-app', NOW + 9, 9))).map(({ key }) => key)).toEqual(['k', 'other'])
      const { message } = sent('k')
      expect(await store.message('k')).toEqual({
        ...message,
        ...{ key: 'k', profile: 'u1', rule: 'tip', decidedAt: NOW, state: 'queued', attempts: 0, notBefore: NOW + 9 },
      })
      // Asked twice, a message that has gone out meanwhile does not go again.
      await store.transaction((tx) => tx.settle('k', { state: 'sent', at: NOW + 10 }))
      expect(await retry()).toBe(1)
      expect(await store.message('k')).toMatchObject({ state: 'sent' })
    })

    it('are tried again and taken out by id or by plugin, and no others', async () => {
      await write(of('a'), of('b'), of('c', { plugin: 'lake' }))
      const [c, b, a] = (await all()).map(({ id }) => id) as [number, number, number]
      expect(await store.transaction((tx) => tx.retryDeadLetters({ ids: [a, c], plugin: 'crm' }, NOW))).toBe(1)
      expect((await all()).map(({ retryAt }) => retryAt)).toEqual([undefined, undefined, NOW])
      expect(await store.transaction((tx) => tx.removeDeadLetters({ ids: [b, 999] }))).toBe(1)
      expect(await store.transaction((tx) => tx.removeDeadLetters({ plugin: 'lake' }))).toBe(1)
      expect(await ids()).toEqual(['a'])
      expect(await store.transaction((tx) => tx.removeDeadLetters({}))).toBe(1)
      expect(await all()).toEqual([])
    })

    it('end with their time, and the oldest of too many, so many at a go', async () => {
      await write(...['a', 'b', 'c', 'd', 'e'].map((messageId, index) => of(messageId, { at: NOW + index })))
      const expire = (before: number, most: number, limit: number) => store.transaction((tx) => tx.expire('dead letters', { before, most, limit }))
      expect(await expire(NOW, 5, 10)).toBe(0)
      expect(await expire(NOW + 2, 5, 1)).toBe(1)
      expect(await expire(NOW + 2, 5, 10)).toBe(1)
      expect(await expire(NOW, 1, 1)).toBe(1)
      expect(await expire(NOW, 1, 10)).toBe(1)
      expect(await ids()).toEqual(['e'])
    })
  })
}
