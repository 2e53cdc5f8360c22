import type { Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { messageIds } from './message-ids.ts'
import { entry, event, NOW, otherEntry, sent, snapshot } from './samples.ts'

/** Whose an id is, and merges. */
export function describeIdentities(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  describe('identities', () => {
    it('finds whose an id is, and moves it when linked anew', async () => {
      await store.transaction((tx) => tx.link(['user:u1', 'anonymous:a1'], 'u1'))
      await store.transaction((tx) => tx.link(['anonymous:a1'], 'u2'))
      expect(await store.profilesOf(['user:u1', 'anonymous:a1', 'user:nobody'])).toEqual(
        new Map([
          ['user:u1', 'u1'],
          ['anonymous:a1', 'u2'],
        ]),
      )
    })

    it('is, up to an entry, without what was merged only after it', async () => {
      const before = await store.transaction((tx) => tx.append([entry('anon:a', { messageId: '1' }), entry('u1', { messageId: '2' })]))
      const after = await store.transaction(async (tx) => {
        await tx.merge('anon:a', 'u1', 0)
        return tx.append([entry('u1', { messageId: '3' })])
      })
      expect(messageIds(await store.transaction((tx) => tx.history('u1', before.at(-1))))).toEqual(['2'])
      expect(messageIds(await store.transaction((tx) => tx.history('u1', after.at(-1))))).toEqual(['1', '2', '3'])
    })

    it('hands identities, messages and history over at a merge, also through several', async () => {
      await store.transaction(async (tx) => {
        await tx.link(['anonymous:a'], 'anon:a')
        await tx.link(['anonymous:b'], 'anon:b')
        await tx.link(['user:c'], 'c')
        await tx.append([
          entry('c', { messageId: '3', timestamp: NOW + 3 }),
          entry('anon:b', { messageId: '2', timestamp: NOW + 2 }),
          entry('anon:a', { messageId: '1', timestamp: NOW + 1 }),
        ])
        await tx.decide([sent('ka', { profile: 'anon:a' })])
      })
      await store.transaction((tx) => tx.merge('anon:a', 'anon:b', NOW))
      expect(messageIds(await store.history('anon:b'))).toEqual(['1', '2'])
      await store.transaction(async (tx) => {
        await tx.merge('anon:b', 'c', NOW)
        await tx.append([otherEntry('c', { kind: 'merge', from: 'anon:b' })])
        expect((await tx.profilesOf(['anonymous:a'])).get('anonymous:a')).toBe('c')
      })
      expect([...(await store.profilesOf(['anonymous:a', 'anonymous:b', 'user:c'])).values()]).toEqual(['c', 'c', 'c'])
      expect(messageIds(await store.history('c'))).toEqual(['1', '2', '3'])
      expect((await store.message('ka'))?.profile).toBe('c')
      expect((await store.messages('c')).map(({ key }) => key)).toEqual(['ka'])
      expect(await store.profileIds()).toEqual(['c'])
      expect((await store.decisions({ profile: 'c' })).map(({ key }) => key)).toEqual(['ka'])
    })

    it('links and merges into the heir when it is given a merged profile', async () => {
      await store.transaction(async (tx) => {
        await tx.merge('a', 'b', NOW)
        await tx.link(['anonymous:x'], 'a')
        await tx.append([entry('c', { messageId: 'of c' })])
        await tx.merge('c', 'a', NOW)
        await tx.decide([sent('late', { profile: 'a' })])
      })
      expect((await store.profilesOf(['anonymous:x'])).get('anonymous:x')).toBe('b')
      expect(messageIds(await store.history('b'))).toEqual(['of c'])
      expect((await store.message('late'))?.profile).toBe('b')
    })

    it('changes nothing by a merge into itself, in a circle, or of what is merged', async () => {
      await store.transaction(async (tx) => {
        await tx.append([entry('a'), entry('b'), entry('c')])
        await tx.merge('a', 'a', NOW)
        await tx.merge('a', 'b', NOW)
        await tx.merge('b', 'a', NOW)
        await tx.merge('a', 'c', NOW)
      })
      expect(await store.history('a')).toHaveLength(1)
      expect(await store.history('b')).toHaveLength(2)
      expect(await store.history('c')).toHaveLength(1)
      expect(await store.profileIds()).toEqual(['b', 'c'])
    })

    it('keeps people apart whose ids differ only in unusual characters', async () => {
      const ids = ['a', 'a\u0000b', 'a\u0000c', 'a\\0000b', '\ud800', '\udc00', '\ufffd', 'ä', 'a\u0308', '😀', "'; --"]
      await store.transaction(async (tx) => {
        for (const id of ids) {
          await tx.link([`user:${id}`], id)
          await tx.append([entry(id, { messageId: id })])
          await tx.checkpoint([snapshot(id, 1)])
        }
        expect(
          await tx.claim(
            ids.map((messageId) => event({ messageId })),
            NOW,
          ),
        ).toEqual(ids.map(() => true))
      })
      const owners = await store.profilesOf(ids.map((id) => `user:${id}` as const))
      expect([...owners.values()]).toEqual(ids)
      for (const id of ids) expect((await store.history(id)).map(({ profile }) => profile)).toEqual([id])
      expect(new Set(await store.profileIds())).toEqual(new Set(ids))
      expect([...(await store.snapshots(ids)).values()].map(({ profile }) => profile.id)).toEqual(ids)
    })
  })
}
