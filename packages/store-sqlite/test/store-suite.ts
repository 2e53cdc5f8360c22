import type { Store } from '@waymark/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { entry, event, NOW, otherEntry, sent, snapshot, suppressed } from './samples.ts'
import { describeUnmerges } from './unmerge-suite.ts'

const DAY = 86_400_000

/** What every store promises, through the public contract alone. `makeStore` gives a new, empty, closed one each time. */
export function describeStore(name: string, makeStore: () => Store | Promise<Store>): void {
  describe(`${name} keeps the store's contract`, () => {
    let store: Store
    beforeEach(async () => {
      store = await makeStore()
      await store.open()
    })
    afterEach(() => store.close())

    const messageIds = (entries: Awaited<ReturnType<Store['history']>>): string[] =>
      entries.map(({ input }) => (input.kind === 'event' ? input.event.messageId : input.kind))

    describe('transactions', () => {
      it('gives back what the work returned', async () => {
        expect(await store.transaction(async () => 42)).toBe(42)
      })

      it('rejects with the very error the work threw and leaves nothing behind', async () => {
        const error = new Error('changed my mind')
        const attempt = store.transaction(async (tx) => {
          await tx.claim([event({ messageId: 'once' })], NOW)
          await tx.append([entry('u1')])
          await tx.link(['user:u1', 'anonymous:a1'], 'u1')
          await tx.merge('anon:a1', 'u1', NOW)
          await tx.decide([sent('k1')])
          await tx.quarantine([{ source: 's', reason: 'r', raw: {} }], NOW)
          await tx.deadLetter([{ at: NOW, sink: 's', reason: 'r', event: event() }])
          await tx.setCursor('c', '1')
          await tx.checkpoint([snapshot('u1', 1, { nextWake: NOW })])
          throw error
        })
        await expect(attempt).rejects.toBe(error)
        expect(await store.lastSeq()).toBe(0)
        expect(await store.log(0, 10)).toEqual([])
        expect((await store.profilesOf(['user:u1', 'anonymous:a1'])).size).toBe(0)
        expect(await store.decisions({})).toEqual([])
        expect(await store.messages('u1')).toEqual([])
        expect(await store.quarantined(10)).toEqual([])
        expect(await store.deadLetters(10)).toEqual([])
        expect(await store.cursor('c')).toBeUndefined()
        expect(await store.profileIds()).toEqual([])
        expect(await store.wakes()).toEqual([])
        expect(await store.transaction((tx) => tx.claim([event({ messageId: 'once' })], NOW))).toEqual([true])
      })

      it('runs a hundred concurrent ones one at a time, in order, whatever becomes of each', async () => {
        let inside = 0
        const order: number[] = []
        const all = Array.from({ length: 100 }, (_, index) =>
          store.transaction(async (tx) => {
            inside += 1
            expect(inside).toBe(1)
            const known = (await tx.profilesOf(['user:counter'])).get('user:counter') ?? '0'
            await new Promise((resolve) => setImmediate(resolve))
            await tx.link(['user:counter'], String(Number(known) + 1))
            order.push(index)
            inside -= 1
            if (index % 10 === 9) throw new Error('every tenth')
          }),
        )
        const results = await Promise.allSettled(all)
        expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10)
        expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index))
        expect(await store.profilesOf(['user:counter'])).toEqual(new Map([['user:counter', '90']]))
      })

      it('shows reads inside what it wrote, and reads outside only what is committed', async () => {
        await store.transaction((tx) => tx.append([entry('u1', { messageId: 'first' })]))
        const written = signal()
        const looked = signal()
        const running = store.transaction(async (tx) => {
          await tx.append([entry('u1', { messageId: 'second', timestamp: NOW + 1 })])
          await tx.link(['user:u1'], 'u1')
          await tx.checkpoint([snapshot('u1', 2)])
          await tx.decide([sent('k1')])
          expect(messageIds(await tx.history('u1'))).toEqual(['first', 'second'])
          expect((await tx.profilesOf(['user:u1'])).get('user:u1')).toBe('u1')
          expect((await tx.snapshots(['u1'])).get('u1')?.seq).toBe(2)
          expect(await tx.due('in-app', NOW, 10)).toHaveLength(1)
          written.fire()
          await looked.fired
          throw new Error('never mind')
        })
        await written.fired
        const outside = Promise.all([store.history('u1'), store.profilesOf(['user:u1']), store.snapshots(['u1']), store.message('k1'), store.lastSeq()])
        looked.fire()
        await expect(running).rejects.toThrow('never mind')
        const [history, owners, snapshots, message] = await outside
        expect(messageIds(history)).toEqual(['first'])
        expect([owners.size, snapshots.size, message]).toEqual([0, 0, undefined])
      })

      it('takes no more once it is over, and disturbs no other by it', async () => {
        let kept: Parameters<Parameters<Store['transaction']>[0]>[0] | undefined
        await store.transaction(async (tx) => void (kept = tx))
        await expect(kept?.setCursor('late', '1')).rejects.toMatchObject({ code: 'STORE_TRANSACTION_OVER' })
        expect(await store.cursor('late')).toBeUndefined()
      })

      it('commits nothing when a write failed in it, even if the work goes on', async () => {
        const circular: Record<string, unknown> = {}
        circular['self'] = circular
        const attempt = store.transaction(async (tx) => {
          await tx.append([entry('u1')])
          await tx.append([entry('u1', { properties: circular as never })]).catch(() => {})
        })
        await expect(attempt).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
        expect(await store.log(0, 10)).toEqual([])
      })
    })

    describe('the log', () => {
      it('gives entries back as they were, oldest first, with their commit', async () => {
        const entries = [
          entry('u1', { properties: { text: 'ä 😀 \u0000 "x"', deep: [{ n: 1.5 }] } }),
          otherEntry('u2', { kind: 'tick', at: NOW + 5 }),
          otherEntry('u2', { kind: 'merge', from: 'u3' }),
        ]
        const first = await store.transaction((tx) => tx.append(entries))
        const second = await store.transaction((tx) => tx.append([entry('u1')]))
        expect(first).toHaveLength(3)
        expect([...first, ...second]).toEqual([...first, ...second].sort((a, b) => a - b))
        expect(new Set([...first, ...second]).size).toBe(4)
        const log = await store.log(0, 10)
        expect(log.slice(0, 3)).toEqual(entries.map((one, index) => ({ ...one, seq: first[index], commit: first[0] })))
        expect(log[3]?.commit).toBe(second[0])
        expect(await store.lastSeq()).toBe(second[0])
      })

      it('pages from a sequence number on', async () => {
        const seqs = await store.transaction((tx) => tx.append(Array.from({ length: 5 }, () => entry('u1'))))
        expect((await store.log(seqs[1] as number, 2)).map(({ seq }) => seq)).toEqual(seqs.slice(2, 4))
        expect(await store.log(seqs[4] as number, 2)).toEqual([])
        expect(await store.log(0, 0)).toEqual([])
      })

      it('never gives the number of an entry to another, also after a rollback', async () => {
        const [first] = await store.transaction((tx) => tx.append([entry('u1')]))
        const failed = store.transaction(async (tx) => {
          await tx.append([entry('u1')])
          throw new Error('no')
        })
        await expect(failed).rejects.toThrow('no')
        const [second] = await store.transaction((tx) => tx.append([entry('u1')]))
        expect(second).toBeGreaterThan(first as number)
        expect(await store.log(0, 10)).toHaveLength(2)
      })

      it('takes an empty append', async () => {
        expect(await store.transaction((tx) => tx.append([]))).toEqual([])
      })

      it('keeps cursors', async () => {
        await store.transaction((tx) => tx.setCursor('sink', '7'))
        await store.transaction((tx) => tx.setCursor('sink', '{"offset":8}'))
        expect(await store.cursor('sink')).toBe('{"offset":8}')
        expect(await store.cursor('other')).toBeUndefined()
      })
    })

    describe('claims', () => {
      const claim = (events: ReturnType<typeof event>[], now = NOW) => store.transaction((tx) => tx.claim(events, now))

      it('knows an event by source and message id, within a call and across calls', async () => {
        const a = event({ messageId: 'a' })
        const elsewhere = event({ messageId: 'a', source: 'other' })
        expect(await claim([a, a, elsewhere, event({ messageId: 'b' })])).toEqual([true, false, true, true])
        expect(await claim([event({ messageId: 'c' }), a, elsewhere])).toEqual([true, false, false])
        expect(await claim([])).toEqual([])
      })

      it('remembers for at least seven days, however much comes in meanwhile', async () => {
        // The first and the last in key order, whichever way a store walks what it forgets.
        const old = [event({ messageId: 'a' }), event({ messageId: 'z' })]
        await claim(old)
        for (let hour = 1; hour < 168; hour += 1) await claim([event(), event()], NOW + hour * 3_600_000)
        for (let more = 0; more < 10; more += 1) await claim([event()], NOW + 7 * DAY)
        expect(await claim(old, NOW + 7 * DAY)).toEqual([false, false])
      })
    })

    describe('history', () => {
      it('has the events of a profile alone, by time and then message id', async () => {
        await store.transaction((tx) =>
          tx.append([
            entry('u1', { messageId: 'c', timestamp: NOW + 2 }),
            entry('u1', { messageId: 'b', timestamp: NOW + 1 }),
            entry('u2', { messageId: 'x' }),
            otherEntry('u1', { kind: 'tick', at: NOW }),
            entry('u1', { messageId: 'a', timestamp: NOW + 1 }),
            entry('u1', { messageId: 'B', timestamp: NOW + 1 }),
          ]),
        )
        expect(messageIds(await store.history('u1'))).toEqual(['B', 'a', 'b', 'c'])
        expect(await store.history('nobody')).toEqual([])
      })

      it('ends at a sequence number when asked to', async () => {
        const seqs = await store.transaction((tx) =>
          tx.append([entry('u1', { messageId: 'a' }), entry('u1', { messageId: 'b' }), entry('u1', { messageId: 'c' })]),
        )
        expect(messageIds(await store.transaction((tx) => tx.history('u1', seqs[1])))).toEqual(['a', 'b'])
      })

      it('orders message ids as the engine does, by UTF-16 code unit', async () => {
        const ids = ['\uff5e', '\u{1f600}', 'z']
        await store.transaction((tx) => tx.append(ids.map((messageId) => entry('u1', { messageId }))))
        expect(messageIds(await store.history('u1'))).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)))
      })
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

    describe('snapshots', () => {
      it('keeps the newest of each profile', async () => {
        await store.transaction((tx) => tx.checkpoint([snapshot('u1', 1), snapshot('u2', 2)]))
        const newer = snapshot('u1', 9, { definition: 'd2', profile: { traits: { plan: 'pro', list: [1, { a: null }] } } })
        await store.transaction((tx) => tx.checkpoint([newer]))
        const found = await store.snapshots(['u1', 'u2', 'u3'])
        expect([...found.keys()].sort()).toEqual(['u1', 'u2'])
        expect(found.get('u1')).toEqual(newer)
      })

      it('lists the wakes there are, and forgets those that are gone', async () => {
        await store.transaction((tx) => tx.checkpoint([snapshot('u1', 1, { nextWake: NOW + 2 }), snapshot('u2', 1, { nextWake: NOW + 1 }), snapshot('u3', 1)]))
        expect(new Set(await store.wakes())).toEqual(
          new Set([
            { profile: 'u2', at: NOW + 1 },
            { profile: 'u1', at: NOW + 2 },
          ]),
        )
        await store.transaction((tx) => tx.checkpoint([snapshot('u1', 2)]))
        expect(await store.wakes()).toEqual([{ profile: 'u2', at: NOW + 1 }])
      })

      it('lists profiles with entries, with a snapshot, or with both, once', async () => {
        await store.transaction(async (tx) => {
          await tx.append([entry('logged'), entry('logged'), entry('both'), entry('')])
          await tx.checkpoint([snapshot('both', 1), snapshot('kept', 1)])
        })
        expect([...(await store.profileIds())].sort()).toEqual(['both', 'kept', 'logged'])
      })

      it('keeps that of a merged profile until its heir is checkpointed past the merge, then removes it', async () => {
        const [before] = await store.transaction((tx) => tx.append([entry('into')]))
        await store.transaction((tx) => tx.checkpoint([snapshot('older', 1), snapshot('from', 1, { nextWake: NOW }), snapshot('into', 1)]))
        await store.transaction((tx) => tx.merge('older', 'from', NOW))
        const [merged] = await store.transaction(async (tx) => {
          await tx.merge('from', 'into', NOW)
          return tx.append([otherEntry('into', { kind: 'merge', from: 'from' })])
        })
        expect(await store.wakes()).toEqual([])
        // Taken before the merge and written after it.
        await store.transaction((tx) => tx.checkpoint([snapshot('into', before as number), snapshot('from', before as number)]))
        expect([...(await store.snapshots(['from', 'into'])).keys()]).toEqual(['from', 'into'])
        await store.transaction((tx) => tx.checkpoint([snapshot('into', merged as number)]))
        expect([...(await store.snapshots(['older', 'from', 'into'])).keys()]).toEqual(['into'])
        await store.transaction((tx) => tx.checkpoint([snapshot('from', before as number)]))
        expect([...(await store.snapshots(['from', 'into'])).keys()]).toEqual(['into'])
      })
    })

    describe('the ledger', () => {
      it('keeps the first decision of a key, sent or suppressed', async () => {
        const first = suppressed('k')
        await store.transaction((tx) => tx.decide([first, suppressed('k', { guard: 'consent' })]))
        await store.transaction((tx) => tx.decide([sent('k'), sent('other')]))
        expect(await store.decisions({ rule: 'tip' })).toEqual([sent('other'), first])
        expect(await store.message('k')).toBeUndefined()
      })

      it('leaves the message of a known key as it is', async () => {
        await store.transaction((tx) => tx.decide([sent('k')]))
        await store.transaction((tx) => tx.settle('k', { state: 'sent', at: NOW + 1 }))
        await store.transaction((tx) => tx.decide([sent('k', { at: NOW + 9 })]))
        expect(await store.message('k')).toMatchObject({ state: 'sent', sentAt: NOW + 1, decidedAt: NOW })
      })

      it('filters by profile, rule and time, newest first', async () => {
        await store.transaction((tx) =>
          tx.decide([
            sent('1', { at: NOW + 1 }),
            sent('2', { at: NOW + 2, rule: 'other' }),
            suppressed('3', { at: NOW + 3, profile: 'u2' }),
            sent('4', { at: NOW + 4 }),
            sent('5', { at: NOW + 4 }),
          ]),
        )
        const keys = async (filter: Parameters<Store['decisions']>[0]) => (await store.decisions(filter)).map(({ key }) => key)
        expect(await keys({})).toEqual(['5', '4', '3', '2', '1'])
        expect(await keys({ profile: 'u1' })).toEqual(['5', '4', '2', '1'])
        expect(await keys({ rule: 'tip' })).toEqual(['5', '4', '3', '1'])
        expect(await keys({ until: NOW + 2 })).toEqual(['2', '1'])
        expect(await keys({ profile: 'u1', rule: 'tip', until: NOW + 3 })).toEqual(['1'])
        expect(await keys({ limit: 2 })).toEqual(['5', '4'])
      })

      it('gives a thousand when not told how many', async () => {
        await store.transaction((tx) => tx.decide(Array.from({ length: 1_001 }, (_, index) => suppressed(`k${index}`, { at: NOW + index }))))
        expect(await store.decisions({})).toHaveLength(1_000)
        expect(await store.decisions({ limit: 2_000 })).toHaveLength(1_001)
      })

      it('keeps what could not be read and what could not be delivered, newest first', async () => {
        const letter = { at: NOW, sink: 'crm', reason: 'refused: ä', event: event() }
        await store.transaction(async (tx) => {
          await tx.quarantine(
            [
              { source: 's', reason: 'first', raw: { a: [1] } },
              { source: 's', reason: 'second', raw: '{"broken' },
              { source: 's', reason: 'third', raw: undefined },
            ],
            NOW,
          )
          await tx.deadLetter([letter, { ...letter, reason: 'second' }])
        })
        const found = await store.quarantined(10)
        expect(found.map(({ reason }) => reason)).toEqual(['third', 'second', 'first'])
        expect(found[1]).toEqual({ id: found[1]?.id, at: NOW, source: 's', reason: 'second', raw: '{"broken' })
        expect(found[2]?.raw).toEqual({ a: [1] })
        expect(new Set(found.map(({ id }) => id)).size).toBe(3)
        expect(await store.quarantined(1)).toHaveLength(1)
        const letters = await store.deadLetters(10)
        expect(letters[1]).toEqual({ ...letter, id: letters[1]?.id })
        expect(letters[0]?.reason).toBe('second')
      })
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
        await store.transaction((tx) => tx.lease(['k', 'unknown'], NOW + 60))
        expect(await due(NOW + 59)).toEqual([])
        expect(await store.nextDue('in-app')).toBe(NOW + 60)
        expect(await due(NOW + 60)).toEqual(['k'])
        expect(await store.message('k')).toMatchObject({ attempts: 1, state: 'queued' })
      })

      it('gives one back for later, with the reason', async () => {
        await store.transaction((tx) => tx.decide([sent('k'), sent('now')]))
        await store.transaction(async (tx) => {
          await tx.lease(['k', 'now'], NOW + 60_000)
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

    describe('opening and closing', () => {
      it('can be opened twice and closed twice', async () => {
        await store.open()
        await store.transaction((tx) => tx.setCursor('c', '1'))
        await store.close()
        await store.close()
      })

      it('says so when it is used before it is open or after it is closed', async () => {
        const closed = await makeStore()
        await expect(closed.lastSeq()).rejects.toMatchObject({ code: 'STORE_NOT_OPEN' })
        await expect(closed.transaction(async () => 1)).rejects.toMatchObject({ code: 'STORE_NOT_OPEN' })
        await store.close()
        await expect(store.lastSeq()).rejects.toMatchObject({ code: 'STORE_NOT_OPEN' })
      })

      it('lets what was asked for finish before it closes', async () => {
        const running = store.transaction(async (tx) => {
          await new Promise((resolve) => setImmediate(resolve))
          await tx.setCursor('c', '1')
          return 'done'
        })
        const closing = store.close()
        expect(await running).toBe('done')
        await closing
      })
    })

    describeUnmerges(makeStore)
  })
}

function signal(): { fire: () => void; fired: Promise<void> } {
  let fire = (): void => {}
  const fired = new Promise<void>((resolve) => {
    fire = resolve
  })
  return { fire, fired }
}
