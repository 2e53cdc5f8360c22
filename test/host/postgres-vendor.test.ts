import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CanonicalEvent, Plugin, SourcePage, Store, Subject } from '@waymark/core'
import { createHost, silentLogger, virtualClock } from '@waymark/host'
import { postgres } from '@waymark/store-postgres'
import { sqlite } from '@waymark/store-sqlite'
import { type PostgresServer, startPostgresIfPossible } from '@waymark/testkit/postgres'
import { afterAll, describe, expect, it } from 'vitest'
import { configWith, DAY, HOUR, recorder, START } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-vendor-postgres-'))
const running = await startPostgresIfPossible({ settings: { fsync: 'off' } })
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await running?.close()
})

/** Three people, one of them first as a visitor, and somebody who has not been seen before on the page after the restart. */
const PAGES: readonly (readonly Partial<CanonicalEvent>[])[] = [
  [
    { userId: 'u', event: 'signed_up', properties: {} },
    { anonymousId: 'web', properties: { feature: 'A' } },
    { userId: 'v\u0000', properties: { feature: 'A \ud800' } },
  ],
  [
    { userId: 'u', properties: { feature: 'A' } },
    { userId: 'u', properties: { feature: 'B' } },
    { userId: 'u', anonymousId: 'web', properties: { feature: 'C' } },
  ],
  [
    { userId: 'u', properties: { feature: 'A' } },
    { anonymousId: 'web', properties: { feature: 'A' } },
    { userId: 'v\u0000', anonymousId: 'web', properties: { feature: 'A' } },
    { userId: 'w', event: 'signed_up', properties: {} },
  ],
]

function page(number: number): SourcePage {
  const events = (PAGES[number] ?? []).map((more, index): CanonicalEvent => {
    const id = { messageId: `p${number}-${index}`, timestamp: START + number * HOUR + index, receivedAt: START }
    return { ...{ type: 'track', event: 'used', properties: {}, traits: {}, context: {}, integrations: {}, source: 'vendor' }, ...id, ...more }
  })
  return { events, cursor: { next: number + 1 }, progress: `page ${number} \u0000` }
}

describe.skipIf(running === undefined)('a vendor that is source, sink and eraser', () => {
  async function life(store: () => Store) {
    const clock = virtualClock(START)
    const cursors: unknown[] = []
    const got: CanonicalEvent[] = []
    const asked: Subject[] = []
    const checked: unknown[] = []
    let reach = 2
    const vendor: Plugin = {
      name: 'vendor',
      purpose: 'essential',
      sources: [
        {
          name: 'export',
          every: 30 * DAY,
          async *pull(cursor) {
            cursors.push(cursor)
            const { next } = (cursor as { readonly next: number } | undefined) ?? { next: 0 }
            for (let number = next; number < reach; number += 1) yield page(number)
          },
        },
      ],
      eraser: {
        async erase(subject) {
          asked.push(subject)
          return asked.length === 1 ? { status: 'retry', reason: 'busy' } : { status: 'requested', reference: { job: 'j\u0000' }, checkAfterMs: DAY }
        },
        async check(reference) {
          checked.push(reference)
          return checked.length === 1 ? { status: 'requested', reference, checkAfterMs: DAY } : { status: 'confirmed', detail: 'gone' }
        },
      },
    }
    const listener: Plugin = {
      name: 'listener',
      purpose: 'essential',
      sink: {
        learned: ['memberships', 'decisions'],
        async deliver(events) {
          got.push(...events)
          return events.map(() => ({ status: 'delivered' }))
        },
      },
    }
    const start = () => createHost(configWith(store(), [vendor, listener, recorder()]), { effects: { clock, random: () => 0 }, logger: silentLogger })
    /** The clock waits for what falls due, and not for what a source sets off. */
    async function until(isThere: () => boolean): Promise<void> {
      const deadline = performance.now() + 30_000
      while (!isThere() && performance.now() < deadline) {
        await clock.moveTo(clock.now())
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }

    const first = await start()
    await until(() => got.filter(({ source }) => source === 'vendor').length === 6)
    await first.settled()
    const before = await first.erase('web')
    await first.settled()
    await first.close()

    reach = 3
    const second = await start()
    await until(() => got.some(({ messageId }) => messageId === 'p2-3'))
    const steps: string[] = []
    while (steps.at(-1) !== 'confirmed' && steps.length < 10) {
      const [receipt] = await second.erasures('u')
      steps.push(receipt?.state ?? 'none')
      const due = receipt?.nextAt
      if (due === undefined) continue
      await clock.moveTo(Math.max(due, clock.now()))
      await second.settled()
    }
    await second.settled()
    const { config } = second
    const left = {
      cursors,
      asked,
      checked,
      steps,
      got,
      before: before.map(withoutHash),
      receipts: (await second.erasures('web')).map(withoutHash),
      // Hashes are of another key in each store.
      hashes: (await config.store.tombstones()).length,
      totals: await config.store.erasureTotals(clock.now()),
      told: await config.store.transaction(async (tx) => [...(await tx.told(['u', 'v\u0000', 'w', 'anon:web']))]),
      place: await config.store.cursor('source:vendor:export').then((text) => JSON.parse(text ?? '{}').cursor),
      log: (await config.store.log(0, 1_000)).map(({ profile, input }) => ({ profile, input })),
      mentions: JSON.stringify(await config.store.erasures({})).includes('"u"'),
    }
    await second.close()
    return left
  }

  function withoutHash({ person: _, ...erasure }: { readonly person: string }) {
    return erasure
  }

  it('comes to the same on PostgreSQL and on SQLite: pages, news, tombstones, receipts', async () => {
    const one = await life(() => postgres({ connectionString: (running as PostgresServer).url(), schema: 'vendor' }))
    const other = await life(() => sqlite(join(folder, 'vendor.db')))
    expect(one.cursors).toEqual([undefined, { next: 2 }])
    expect(one.asked.map(({ userIds, anonymousIds }) => [userIds, anonymousIds])).toEqual([
      [['u'], ['web']],
      [['u'], ['web']],
    ])
    expect(one.steps).toEqual(['waiting', 'requested', 'requested', 'confirmed'])
    expect(one.receipts).toMatchObject([{ state: 'confirmed', detail: 'gone' }])
    expect(one.mentions).toBe(false)
    const after = one.got.slice(one.got.findIndex(({ messageId }) => messageId === 'p2-2')).filter(({ source }) => source === 'vendor')
    expect(after.map(({ messageId, anonymousId }) => [messageId, anonymousId])).toEqual([
      ['p2-2', undefined],
      ['p2-3', undefined],
    ])
    expect(one.got.filter(({ source }) => source === 'waymark').map(({ userId, traits }) => [userId, traits['waymark_engagement']])).toContainEqual([
      'u',
      'engaged',
    ])
    expect(one).toEqual(other)
  }, 60_000)
})
