import type { NewJournalEntry, Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { NOW } from './samples.ts'

/** Which ids a profile has, and the journal of how that came to be. */
export function describeJournal(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })

  it('lists the ids of a profile, by their text', async () => {
    await store.transaction((tx) => tx.link(['user:u', 'anonymous:b', 'anonymous:a \u0000'], 'u'))
    expect(await store.keysOf('u')).toEqual(['anonymous:a \u0000', 'anonymous:b', 'user:u'])
    expect(await store.transaction((tx) => tx.keysOf('nobody'))).toEqual([])
  })

  describe('the journal', () => {
    const note = (fields: Partial<NewJournalEntry> = {}): NewJournalEntry => ({
      at: NOW,
      outcome: 'merged',
      from: 'anon:a',
      into: 'u',
      keys: ['anonymous:a'],
      event: { messageId: 'm \u0000', source: 'web' },
      ...fields,
    })
    const record = (...entries: NewJournalEntry[]) => store.transaction((tx) => tx.record(entries))

    it('gives back what was written, newest first, in pages', async () => {
      const { event: _, ...byHand } = note({ outcome: 'unmerged', at: NOW + 1, reason: 'a mistake' })
      expect(await record(note(), byHand)).toEqual([true, true])
      const [second, first] = await store.journal({})
      expect([first, second]).toEqual([
        { ...note(), id: first?.id },
        { ...byHand, id: second?.id },
      ])
      expect(await store.journal({ limit: 1 })).toEqual([second])
      expect(await store.journal({ before: second?.id as number })).toEqual([first])
      expect(await store.transaction((tx) => tx.journal({ profile: 'u' }))).toEqual([second, first])
      expect(await store.journal({ profile: 'u', before: second?.id as number })).toEqual([first])
    })

    it('keeps what is refused or shared once for each pair and reason, and everything else as often as it happens', async () => {
      const refused = note({ outcome: 'refused', keys: [], reason: 'too many' })
      const shared = note({ outcome: 'shared', keys: [] })
      expect(await record(refused, refused, shared, note(), note())).toEqual([true, false, true, true, true])
      expect(await record(refused, shared, { ...refused, reason: 'taken apart' }, { ...shared, into: 'v' })).toEqual([false, false, true, true])
      expect(await store.journal({})).toHaveLength(6)
    })

    it('tells of a profile what names it, what is part of it, or one of its ids', async () => {
      await store.transaction(async (tx) => {
        await tx.link(['user:u', 'anonymous:linked'], 'u')
        await tx.link(['user:v'], 'v')
        await tx.merge('v', 'u', NOW)
      })
      await record(
        note({ from: 'anon:linked', into: 'stranger', outcome: 'shared' }),
        note({ from: 'anon:b', into: 'v' }),
        note({ from: 'v', into: 'u' }),
        note({ from: 'anon:c', into: 'stranger' }),
      )
      expect((await store.journal({ profile: 'u' })).map(({ from, into }) => `${from} ${into}`)).toEqual(['v u', 'anon:b v', 'anon:linked stranger'])
      expect(await store.journal({ profile: 'nobody' })).toEqual([])
    })
  })
}
