import type { Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { NOW, sent, suppressed } from './samples.ts'

const DAY = 86_400_000

/** Messages on their way, and their answers. */
export function describeOutbox(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  describe('the outbox', () => {
    const due = (now: number, limit = 10, channel = 'in-app') =>
      store.transaction((tx) => tx.due(channel, now, limit)).then((found) => found.map(({ key }) => key))

    it('queues the message of a sent decision', async () => {
      await store.transaction((tx) => tx.decide([sent('k'), suppressed('s')]))
      const { message } = sent('k')
      expect(await store.message('k')).toEqual({
        ...message,
        key: 'k',
        profile: 'u1',
        rule: 'tip',
        decidedAt: NOW,
        state: 'queued',
        attempts: 0,
        notBefore: NOW,
      })
      expect(await store.messages('u1')).toHaveLength(1)
      expect(await store.openMessages('u1', 'in-app')).toEqual([])
    })

    it('gives out what is due on the channel, oldest first', async () => {
      await store.transaction((tx) =>
        tx.decide([
          sent('late', { at: NOW + 2 }),
          sent('b', { at: NOW + 1 }),
          sent('c', { at: NOW + 1 }),
          sent('a'),
          sent('mail', { message: { channel: 'email', kind: 'template', content: {} } }),
        ]),
      )
      expect(await due(NOW + 1)).toEqual(['a', 'b', 'c'])
      expect(await due(NOW + 1, 2)).toEqual(['a', 'b'])
      expect(await due(NOW - 1)).toEqual([])
      expect(await due(NOW, 10, 'email')).toEqual(['mail'])
      expect(await store.nextDue('in-app')).toBe(NOW)
      expect(await store.nextDue('push')).toBeUndefined()
    })

    it('keeps a leased one from others until the lease is over, and counts the attempt', async () => {
      await store.transaction((tx) => tx.decide([sent('k')]))
      await store.transaction((tx) => tx.lease(['k', 'unknown'], NOW + 60, NOW))
      expect(await due(NOW + 59)).toEqual([])
      expect(await store.nextDue('in-app')).toBe(NOW + 60)
      expect(await due(NOW + 60)).toEqual(['k'])
      expect(await store.message('k')).toMatchObject({ attempts: 1, state: 'queued' })
    })

    it('ends the leases of one channel when it is told to; what waits for its next attempt goes on waiting', async () => {
      const elsewhere = { channel: 'push', kind: 'note', content: {} }
      await store.transaction(async (tx) => {
        await tx.decide([sent('k'), sent('later'), sent('done'), sent('pushed', { message: elsewhere })])
        await tx.settle('later', { state: 'queued', at: NOW, notBefore: NOW + 500 })
        await tx.lease(['k', 'later', 'done', 'pushed'], NOW + 60_000, NOW)
        await tx.settle('done', { state: 'sent', at: NOW })
      })
      expect(await due(NOW + 1_000)).toEqual([])
      await store.transaction((tx) => tx.endLeases('in-app'))
      expect(await due(NOW)).toEqual(['k'])
      expect(await due(NOW + 500)).toEqual(['k', 'later'])
      expect(await due(NOW + 1_000, 10, 'push')).toEqual([])
      // It may have arrived all the same.
      expect(await store.message('k')).toMatchObject({ state: 'queued', attempts: 1, unclearSince: NOW })
      await store.transaction((tx) => tx.endLeases('nothing'))
    })

    it('gives one back for later, with the reason', async () => {
      await store.transaction((tx) => tx.decide([sent('k'), sent('now')]))
      await store.transaction(async (tx) => {
        await tx.lease(['k', 'now'], NOW + 60_000, NOW)
        await tx.settle('k', { state: 'queued', at: NOW + 5, reason: 'timeout', notBefore: NOW + 100 })
        await tx.settle('now', { state: 'queued', at: NOW + 5 })
      })
      expect(await due(NOW + 99)).toEqual(['now'])
      expect(await due(NOW + 100)).toEqual(['k', 'now'])
      expect(await store.message('k')).toMatchObject({ state: 'queued', reason: 'timeout', notBefore: NOW + 100, attempts: 1 })
    })

    it.each(['sent', 'cancelled', 'rejected', 'unknown', 'dead'] as const)('settles one as %s for good', async (state) => {
      await store.transaction((tx) => tx.decide([sent('k')]))
      await store.transaction((tx) => tx.settle('k', { state, at: NOW + 7, ...(state === 'sent' ? {} : { reason: 'because' }) }))
      const message = await store.message('k')
      expect([message?.state, message?.sentAt, message?.reason]).toEqual(state === 'sent' ? ['sent', NOW + 7, undefined] : [state, undefined, 'because'])
      expect(await due(NOW + DAY)).toEqual([])
      expect(await store.nextDue('in-app')).toBeUndefined()
      expect(await store.openMessages('u1', 'in-app')).toHaveLength(state === 'sent' ? 1 : 0)
    })
  })

  describe('answers', () => {
    const answer = (...values: ['seen' | 'clicked' | 'dismissed', number] | ['seen' | 'clicked' | 'dismissed', number, string]) =>
      store.transaction((tx) => tx.answer(values[2] ?? 'u1', 'k', values[0], values[1]))
    beforeEach(() =>
      store.transaction(async (tx) => {
        await tx.decide([sent('k'), sent('older', { at: NOW - 1 }), sent('elsewhere', { message: { channel: 'push', kind: 'note', content: {} } })])
        for (const key of ['k', 'older', 'elsewhere']) await tx.settle(key, { state: 'sent', at: NOW + 1 })
      }),
    )

    it('lists open messages of the channel, oldest first, until they are settled', async () => {
      const open = async () => (await store.openMessages('u1', 'in-app')).map(({ key }) => key)
      expect(await open()).toEqual(['older', 'k'])
      await answer('seen', NOW + 2)
      expect(await open()).toEqual(['older', 'k'])
      await answer('dismissed', NOW + 3)
      expect(await open()).toEqual(['older'])
    })

    it('takes each answer once and gives the changed message', async () => {
      expect(await answer('seen', NOW + 2)).toMatchObject({ key: 'k', seenAt: NOW + 2 })
      expect(await answer('seen', NOW + 3)).toBeUndefined()
      expect(await answer('clicked', NOW + 4)).toMatchObject({ seenAt: NOW + 2, clickedAt: NOW + 4 })
      expect(await answer('clicked', NOW + 5)).toBeUndefined()
      expect(await answer('dismissed', NOW + 6)).toBeUndefined()
      const message = await store.message('k')
      expect(message).toMatchObject({ seenAt: NOW + 2, clickedAt: NOW + 4, state: 'sent' })
      expect(message?.dismissedAt).toBeUndefined()
    })

    it('takes a message that was clicked or dismissed for seen', async () => {
      expect(await answer('dismissed', NOW + 4)).toMatchObject({ dismissedAt: NOW + 4, seenAt: NOW + 4 })
      expect(await answer('seen', NOW + 5)).toBeUndefined()
    })

    it("takes none for a message that is not the profile's, or is not there", async () => {
      expect(await answer('clicked', NOW + 2, 'u2')).toBeUndefined()
      expect(await store.transaction((tx) => tx.answer('u1', 'none', 'seen', NOW))).toBeUndefined()
      expect((await store.message('k'))?.clickedAt).toBeUndefined()
    })

    it('takes the answer of the heir after a merge', async () => {
      await store.transaction((tx) => tx.merge('u1', 'u9', NOW))
      expect(await answer('clicked', NOW + 2, 'u9')).toMatchObject({ profile: 'u9', clickedAt: NOW + 2 })
    })

    it('does not send again what was answered while its sending was unclear', async () => {
      await store.transaction((tx) => tx.settle('k', { state: 'queued', at: NOW, notBefore: NOW }))
      await answer('clicked', NOW + 2)
      expect(await store.transaction((tx) => tx.due('in-app', NOW + DAY, 10))).toEqual([])
      expect(await store.nextDue('in-app')).toBeUndefined()
    })
  })
}
