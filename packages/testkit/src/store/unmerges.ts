import type { IdentityKey, Parting, Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { messageIds } from './message-ids.ts'
import { entry, NOW, otherEntry, sent, snapshot, suppressed } from './samples.ts'

/** Merges that are undone. */
export function describeUnmerges(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  const historyOf = async (profile: string, upTo?: number) => messageIds(await store.transaction((tx) => tx.history(profile, upTo)))
  const PAST = { asOf: { at: NOW, tie: '' }, memberships: {}, rules: {}, sends: [] }

  /** Takes the visitor out of the user, with the entries of these message ids, and logs it. The number of that entry comes back. */
  async function part(
    messages: readonly string[] = [],
    { from = 'anon:a', into = 'u', keys = ['anonymous:a'] as readonly IdentityKey[], along = [] as readonly string[] } = {},
  ) {
    const history = await store.history(into)
    const entries = history.filter(({ input }) => input.kind === 'event' && messages.includes(input.event.messageId)).map(({ seq }) => seq)
    const apart: Parting['apart'] = [keys[0] as IdentityKey, `user:${into}`]
    return store.transaction(async (tx) => {
      const together = await tx.unmerge({ from, into, keys, along, entries, apart })
      const [seq] = await tx.append([otherEntry(into, { kind: 'unmerge', from, keys, past: { from: PAST, into: PAST } })])
      return { together, seq: seq as number }
    })
  }

  /** A visitor with one event and one message becomes a user with another; then comes an event under each id alone. */
  async function merged(): Promise<number> {
    await store.transaction(async (tx) => {
      await tx.link(['anonymous:a'], 'anon:a')
      await tx.link(['user:u'], 'u')
      await tx.append([entry('anon:a', { messageId: '1', timestamp: NOW + 1 }), entry('u', { messageId: '2', timestamp: NOW + 2 })])
      await tx.decide([sent('of a', { profile: 'anon:a' }), sent('of u', { profile: 'u' })])
    })
    const seqs = await store.transaction(async (tx) => {
      await tx.merge('anon:a', 'u', NOW)
      return tx.append([
        otherEntry('u', { kind: 'merge', from: 'anon:a' }),
        entry('u', { messageId: '3', timestamp: NOW + 3 }),
        entry('u', { messageId: '4', timestamp: NOW + 4 }),
      ])
    })
    await store.transaction((tx) => tx.decide([sent('of both', { profile: 'u' }), suppressed('held', { profile: 'u', at: NOW + 1 })]))
    return seqs.at(-1) as number
  }

  describe('an unmerge', () => {
    it('gives ids, history and messages back, and what was decided meanwhile stays', async () => {
      await merged()
      const { together } = await part(['3'])
      expect(await store.profilesOf(['user:u', 'anonymous:a'])).toEqual(
        new Map<IdentityKey, string>([
          ['user:u', 'u'],
          ['anonymous:a', 'anon:a'],
        ]),
      )
      expect(await historyOf('u')).toEqual(['2', '4'])
      expect(await historyOf('anon:a')).toEqual(['1', '3'])
      expect((await store.history('anon:a')).map(({ profile }) => profile)).toEqual(['anon:a', 'anon:a'])
      expect((await store.messages('anon:a')).map(({ key }) => key)).toEqual(['of a'])
      expect((await store.messages('u')).map(({ key }) => key)).toEqual(['of u', 'of both'])
      expect((await store.decisions({ profile: 'anon:a' })).map(({ key }) => key)).toEqual(['of a'])
      expect((await store.decisions({ profile: 'u' })).map(({ key }) => key)).toEqual(['held', 'of both', 'of u'])
      expect(together.map(({ key }) => key)).toEqual(['held', 'of both'])
      expect(await store.profileIds()).toEqual(['anon:a', 'u'])
    })

    it('leaves the log as it was written, and every earlier entry reads as it did then', async () => {
      const last = await merged()
      const before = await store.log(0, 100)
      const { seq } = await part(['3'])
      expect((await store.log(0, 100)).slice(0, -1)).toEqual(before)
      expect(await historyOf('u', last)).toEqual(['1', '2', '3', '4'])
      expect(await historyOf('anon:a', last)).toEqual(['1'])
      expect(await historyOf('u', seq)).toEqual(['2', '4'])
      expect(await historyOf('anon:a', seq)).toEqual(['1', '3'])
    })

    it('can be undone by another merge, and that one by another unmerge', async () => {
      await merged()
      const first = await part(['3'])
      const again = await store.transaction(async (tx) => {
        await tx.allowMerge('u', 'anon:a')
        expect(await tx.merge('anon:a', 'u', NOW)).toEqual(['anonymous:a'])
        return tx.append([otherEntry('u', { kind: 'merge', from: 'anon:a' }), entry('u', { messageId: '5', timestamp: NOW + 5 })])
      })
      expect(await historyOf('u')).toEqual(['1', '2', '3', '4', '5'])
      const second = await part(['5'])
      expect(await historyOf('anon:a')).toEqual(['1', '3', '5'])
      expect(await historyOf('u')).toEqual(['2', '4'])
      expect(await historyOf('u', again.at(-1))).toEqual(['1', '2', '3', '4', '5'])
      expect(await historyOf('anon:a', first.seq)).toEqual(['1', '3'])
      expect(await historyOf('anon:a', second.seq)).toEqual(['1', '3', '5'])
    })

    it('of an id that never had a profile gives it one', async () => {
      await store.transaction(async (tx) => {
        await tx.link(['user:u', 'anonymous:a'], 'u')
        await tx.append([entry('u', { messageId: '1' }), entry('u', { messageId: '2', timestamp: NOW + 1 })])
      })
      expect((await part(['2'])).together).toEqual([])
      expect(await historyOf('anon:a')).toEqual(['2'])
      expect(await historyOf('u')).toEqual(['1'])
      expect(await store.profileIds()).toEqual(['anon:a', 'u'])
    })

    it('takes along those that had been merged before, and their messages', async () => {
      await merged()
      await store.transaction(async (tx) => {
        await tx.link(['user:w'], 'w')
        await tx.append([entry('w', { messageId: 'w' })])
        await tx.merge('u', 'w', NOW)
        await tx.append([otherEntry('w', { kind: 'merge', from: 'u' })])
      })
      await part([], { from: 'u', into: 'w', keys: ['user:u', 'anonymous:a'] })
      expect(await historyOf('u')).toEqual(['1', '2', '3', '4'])
      expect(await historyOf('w')).toEqual(['w'])
      expect((await store.messages('u')).map(({ key }) => key)).toEqual(['of a', 'of u', 'of both'])
      expect((await store.profilesOf(['anonymous:a'])).get('anonymous:a')).toBe('u')
    })

    it('of a visitor that came by way of another user takes the visitor only', async () => {
      await merged()
      await store.transaction(async (tx) => {
        await tx.link(['user:w'], 'w')
        await tx.append([entry('w', { messageId: 'w' })])
        await tx.merge('u', 'w', NOW)
        await tx.append([otherEntry('w', { kind: 'merge', from: 'u' })])
      })
      await part(['3'], { into: 'w' })
      expect(await historyOf('anon:a')).toEqual(['1', '3'])
      expect(await historyOf('w')).toEqual(['w', '2', '4'])
      expect((await store.messages('anon:a')).map(({ key }) => key)).toEqual(['of a'])
      expect(await store.transaction((tx) => tx.areApart('anon:a', 'w'))).toBe(true)
    })

    it('takes along what came only by it, as if it had come to it', async () => {
      await store.transaction(async (tx) => {
        for (const user of ['u', 'v'] as const) await tx.link([`user:${user}`], user)
        await tx.link(['anonymous:b'], 'anon:b')
        await tx.append([entry('v', { messageId: 'v' }), entry('anon:b', { messageId: 'b' })])
        await tx.decide([sent('of b', { profile: 'anon:b' }), suppressed('of v', { profile: 'v' })])
        await tx.merge('v', 'u', NOW)
        await tx.append([otherEntry('u', { kind: 'merge', from: 'v' })])
        await tx.decide([suppressed('of both', { profile: 'u' })])
      })
      await store.transaction(async (tx) => {
        await tx.merge('anon:b', 'u', NOW)
        await tx.append([otherEntry('u', { kind: 'merge', from: 'anon:b' }), entry('u', { messageId: 'b2', timestamp: NOW + 2 })])
      })
      const { seq, together } = await part(['b2'], { from: 'v', keys: ['user:v', 'anonymous:b'], along: ['anon:b', 'anon:nobody'] })
      expect(await historyOf('v')).toEqual(['b', 'v', 'b2'])
      expect(await historyOf('v', seq - 1)).toEqual(['v'])
      expect(await historyOf('u', seq - 1)).toEqual(['b', 'v', 'b2'])
      expect((await store.messages('v')).map(({ key }) => key)).toEqual(['of b'])
      expect(together.map(({ key }) => key)).toEqual(['of both'])
      expect(await store.profileIds()).toEqual(['u', 'v'])
      expect((await part(['b2'], { from: 'anon:b', into: 'v', keys: ['anonymous:b'] })).together).toEqual([])
      expect(await historyOf('anon:b')).toEqual(['b', 'b2'])
      expect(await historyOf('v')).toEqual(['v'])
      expect(await historyOf('v', seq)).toEqual(['b', 'v', 'b2'])
    })

    it('keeps the snapshot and the wake of a profile that is its own again', async () => {
      const last = await merged()
      await store.transaction((tx) => tx.checkpoint([snapshot('u', last)]))
      const { seq } = await part(['3'])
      await store.transaction((tx) => tx.checkpoint([snapshot('anon:a', seq, { nextWake: NOW }), snapshot('u', seq + 1)]))
      expect([...(await store.snapshots(['anon:a', 'u'])).keys()]).toEqual(['anon:a', 'u'])
      expect(await store.wakes()).toEqual([{ profile: 'anon:a', at: NOW }])
    })

    it('is remembered until the two are allowed to merge again, whatever they are part of', async () => {
      await merged()
      expect(await store.transaction((tx) => tx.areApart('u', 'anon:a'))).toBe(false)
      await part()
      await store.transaction(async (tx) => {
        expect(await tx.areApart('anon:a', 'u')).toBe(true)
        expect(await tx.areApart('u', 'anon:a')).toBe(true)
        await tx.link(['user:w'], 'w')
        expect(await tx.areApart('anon:a', 'w')).toBe(false)
        await tx.merge('u', 'w', NOW)
        expect(await tx.areApart('anon:a', 'w')).toBe(true)
        await tx.allowMerge('anon:a', 'w')
        expect(await tx.areApart('w', 'anon:a')).toBe(false)
      })
    })

    it('leaves nothing behind when the transaction fails', async () => {
      await merged()
      const attempt = store.transaction(async (tx) => {
        await tx.unmerge({ from: 'anon:a', into: 'u', keys: ['anonymous:a'], along: [], entries: [4], apart: ['anonymous:a', 'user:u'] })
        throw new Error('changed my mind')
      })
      await expect(attempt).rejects.toThrow('changed my mind')
      expect(await historyOf('u')).toEqual(['1', '2', '3', '4'])
      expect(await store.transaction((tx) => tx.areApart('anon:a', 'u'))).toBe(false)
    })
  })
}
