import type { CanonicalEvent, IdentityKey, Warehouse } from '@waymark/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { everyKind, oddEvents, sampleEvent, sampleEvents } from '../plugin/sample-events.ts'
import { describeErasure } from './erasure.ts'
import { describeReading } from './reading.ts'
import { rowsOf } from './rows.ts'

export interface WarehouseUnderTest {
  /** Over tables of its own, which are empty. */
  readonly warehouse: Warehouse
  /** Removes them. The warehouse is closed by then. */
  remove?(): Promise<void> | void
}

const DAY = 86_400_000

/** Holds a warehouse to its contract. */
export function describeWarehouse(name: string, make: () => Promise<WarehouseUnderTest> | WarehouseUnderTest): void {
  describe(`warehouse ${name}`, () => {
    let under: WarehouseUnderTest
    let warehouse: Warehouse
    beforeEach(async () => {
      under = await make()
      warehouse = under.warehouse
      await warehouse.prepare()
    })
    afterEach(async () => {
      await warehouse.close()
      await under.remove?.()
    })

    const from = (table: 'events' | 'decisions' | 'memberships' = 'events') => warehouse.relation(table)
    const ids = async () =>
      (await rowsOf<{ message_id: string }>(warehouse, `SELECT message_id FROM ${from()} ORDER BY message_id`)).map(({ message_id }) => message_id)
    const idsOf = (events: readonly CanonicalEvent[]) => events.map(({ messageId }) => messageId).toSorted()
    const profileOf = async (messageId: string) =>
      (await rowsOf<{ profile: string }>(warehouse, `SELECT profile FROM ${from()} WHERE message_id = $1`, { parameters: [messageId] })).map(
        ({ profile }) => profile,
      )

    it('can be prepared again, and is empty at first', async () => {
      await warehouse.prepare()
      for (const table of ['events', 'decisions', 'memberships'] as const) {
        expect(await rowsOf(warehouse, `SELECT COUNT(*) AS many FROM ${from(table)}`)).toEqual([{ many: 0 }])
      }
    })

    it('keeps each kind of event with all it says', async () => {
      const events = everyKind().map((event, index) => ({ ...event, ...(index % 2 === 0 ? { anonymousId: 'device' } : {}), context: { ip: '10.0.0.0' } }))
      expect(await warehouse.load(events)).toEqual(events.map(() => ({ status: 'loaded' })))
      const rows = await rowsOf<Record<string, unknown>>(warehouse, `SELECT * FROM ${from()} ORDER BY ts`)
      const text = (value: unknown) => JSON.parse(String(value))
      expect(rows.map((row) => ({ ...row, properties: text(row['properties']), traits: text(row['traits']), context: text(row['context']) }))).toMatchObject(
        events.map((event) => ({
          profile: 'sample-user',
          source: 'sample',
          message_id: event.messageId,
          user_id: 'sample-user',
          anonymous_id: event.anonymousId ?? null,
          ts: event.timestamp,
          day: '2026-01-02',
          type: event.type,
          event: event.event ?? null,
          name: event.name ?? null,
          previous_id: event.previousId ?? null,
          group_id: event.groupId ?? null,
          received_at: event.receivedAt,
          properties: event.properties,
          traits: event.traits,
          context: event.context,
        })),
      )
    })

    it('has nothing to do for nothing', async () => {
      expect(await warehouse.load([])).toEqual([])
    })

    it('keeps an event once, in whatever batches it comes again', async () => {
      const events = sampleEvents(30)
      await warehouse.load(events.slice(0, 20))
      expect((await warehouse.load(events.slice(10))).map(({ status }) => status)).toEqual(
        events.slice(10).map((_, index) => (index < 10 ? 'known' : 'loaded')),
      )
      expect((await warehouse.load(events)).map(({ status }) => status)).toEqual(events.map(() => 'known'))
      expect(await ids()).toEqual(idsOf(events))
    })

    it('keeps copies within a batch once, and those of batches under way at the same time', async () => {
      const events = sampleEvents(10)
      const outcomes = await Promise.all([warehouse.load([...events, ...events]), warehouse.load(events)])
      expect(outcomes.flat().filter(({ status }) => status === 'loaded')).toHaveLength(10)
      expect(await ids()).toEqual(idsOf(events))
    })

    it('takes the same message id of another source for another event', async () => {
      await warehouse.load([sampleEvent(0), sampleEvent(0, { source: 'other' })])
      expect(await ids()).toHaveLength(2)
    })

    it('puts late events where they belong', async () => {
      const events = [0, 40, 3, 400, 1].map((days, index) => sampleEvent(index, { timestamp: Date.UTC(2026, 0, 2, 23, 59, 59, 999) - days * DAY }))
      for (const event of events) await warehouse.load([event])
      const rows = await rowsOf(warehouse, `SELECT day, ts FROM ${from()} ORDER BY ts`)
      expect(rows).toEqual(
        events.map(({ timestamp }) => ({ day: new Date(timestamp).toISOString().slice(0, 10), ts: timestamp })).toSorted((a, b) => a.ts - b.ts),
      )
    })

    it('takes or rejects odd values, each for itself', async () => {
      const odd = oddEvents(1).map(([, event]) => event)
      const events = [sampleEvent(0), ...odd, sampleEvent(odd.length + 1)]
      const outcomes = await warehouse.load(events)
      for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatch(/\S/)
      expect([outcomes[0], outcomes.at(-1)]).toEqual([{ status: 'loaded' }, { status: 'loaded' }])
      expect(await ids()).toEqual(idsOf(events.filter((_, index) => outcomes[index]?.status === 'loaded')))
      // What was taken can be read.
      await rowsOf(warehouse, `SELECT * FROM ${from()}`)
      expect((await warehouse.load(events)).map(({ status }) => status)).toEqual(outcomes.map(({ status }) => (status === 'loaded' ? 'known' : status)))
    })

    it('keeps what Waymark learned apart from what users did', async () => {
      const learned = { source: 'waymark', userId: 'u1' }
      await warehouse.load([
        sampleEvent(0, { ...learned, type: 'identify', traits: { waymark_engagement: 'engaged', waymark_explorer: null } }),
        sampleEvent(1, { ...learned, event: 'waymark_decision', properties: { rule: 'tip', outcome: 'suppressed', guard: 'consent', key: 'k1' } }),
        // An answer to a message is something a user did.
        sampleEvent(2, { ...learned, event: 'message_clicked' }),
      ])
      expect(await ids()).toEqual(['message-sample-00002'])
      expect(await rowsOf(warehouse, `SELECT profile, segment, member FROM ${from('memberships')} ORDER BY segment`)).toEqual([
        { profile: 'u1', segment: 'engagement', member: 'engaged' },
        { profile: 'u1', segment: 'explorer', member: null },
      ])
      expect(await rowsOf(warehouse, `SELECT profile, rule, outcome, guard, key FROM ${from('decisions')}`)).toEqual([
        { profile: 'u1', rule: 'tip', outcome: 'suppressed', guard: 'consent', key: 'k1' },
      ])
    })

    it('follows merges and unmerges, for rows before and after', async () => {
      const visit = (index: number) => {
        const { userId: _, ...rest } = sampleEvent(index, { anonymousId: 'laptop' })
        return rest as CanonicalEvent
      }
      await warehouse.load([visit(0), sampleEvent(1, { anonymousId: 'laptop' })])
      expect(await profileOf(visit(0).messageId)).toEqual(['anon:laptop'])
      await warehouse.load([sampleEvent(2)], new Map<IdentityKey, string>([['anonymous:laptop', 'sample-user']]))
      await warehouse.load([visit(3)])
      expect(await profileOf(visit(0).messageId)).toEqual(['sample-user'])
      expect(await profileOf(visit(3).messageId)).toEqual(['sample-user'])
      await warehouse.compact?.()
      expect(await profileOf(visit(0).messageId)).toEqual(['sample-user'])
      await warehouse.assign(new Map<IdentityKey, string>([['anonymous:laptop', 'anon:laptop']]))
      expect(await profileOf(visit(0).messageId)).toEqual(['anon:laptop'])
      expect(await profileOf(visit(3).messageId)).toEqual(['anon:laptop'])
      // What names the user stays the user's.
      expect(await profileOf('message-sample-00001')).toEqual(['sample-user'])
      await warehouse.compact?.()
      expect(await profileOf(visit(0).messageId)).toEqual(['anon:laptop'])
    })

    it('loses and doubles nothing by compaction, also beside loads and queries', async () => {
      const events = sampleEvents(60).map((event, index) => ({ ...event, timestamp: event.timestamp - (index % 3) * DAY }))
      await warehouse.load(events.slice(0, 30))
      const counts: number[] = []
      const count = async () => counts.push(((await rowsOf<{ many: number }>(warehouse, `SELECT COUNT(*) AS many FROM ${from()}`))[0] as { many: number }).many)
      await Promise.all([...events.slice(30).map((event) => warehouse.load([event])), warehouse.compact?.(), count(), warehouse.compact?.(), count()])
      await warehouse.compact?.()
      expect(await ids()).toEqual(idsOf(events))
      for (const many of counts) expect(many).toSatisfy((one: number) => one >= 30 && one <= 60)
    })

    it('can be closed twice', async () => {
      await warehouse.close()
      await warehouse.close()
      await expect(warehouse.load(sampleEvents(1))).rejects.toMatchObject({ code: 'WAREHOUSE_CLOSED' })
    })

    describeReading(() => warehouse)
    describeErasure(() => warehouse)
  })
}
