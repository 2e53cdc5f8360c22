import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '@waymark/core'
import { explain, virtualClock } from '@waymark/host'
import { postgres } from '@waymark/store-postgres'
import { sqlite } from '@waymark/store-sqlite'
import { lineTo, type PostgresServer, startPostgresIfPossible } from '@waymark/testkit/postgres'
import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { configOn, profilesIn, step, take } from './random-life.ts'
import { configWith, DAY, HOUR, recorder, START, type World, world } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-host-postgres-'))
const running = await startPostgresIfPossible({ settings: { fsync: 'off' } })
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await running?.close()
})

let stores = 0
/** Two empty databases; each call of a function gives another store on its one, as a process that starts has. */
function twins(): { readonly onPostgres: () => Store; readonly onSqlite: () => Store } {
  stores += 1
  const name = `host_${stores}`
  return {
    onPostgres: () => postgres({ connectionString: (running as PostgresServer).url(), schema: name }),
    onSqlite: () => sqlite(join(folder, `${name}.db`)),
  }
}

describe.skipIf(running === undefined)('a host on PostgreSQL', () => {
  /** A week of three people with all that a host does, and everything that is left of it. */
  async function week(store: () => Store) {
    const clock = virtualClock(START)
    const channel = recorder([{ status: 'retry', reason: 'down', afterMs: HOUR }])
    let count = 0
    let live: World
    const start = async () => {
      live = await world({ config: configWith(store(), [channel]), clock })
    }
    const does = async (user: string | undefined, event: string, properties = {}, more = {}) => {
      count += 1
      const id = { messageId: `e${count}`, ...(user === undefined ? { userId: undefined as never } : {}) }
      return live.does(user ?? '', event, properties, { ...id, ...more })
    }

    await start()
    const outcomes = [
      await does('u', 'signed_up'),
      await does(undefined, 'used', { feature: 'A' }, { anonymousId: 'phone' }),
      await does('v', 'used', { feature: 'A \u0000 \ud800 😀' }),
      await does('v', 'used', { feature: 'A' }, { messageId: 'e3' }),
      await does('v', 'usd', { feature: 'A' }),
      await does(undefined, 'used', { feature: 'A' }, { anonymousId: 'tablet' }),
    ]
    // Inactive for a day: a timer, a message that the channel takes only an hour later.
    await clock.moveTo(START + 26 * HOUR)
    await live!.host.close()
    // What fell due meanwhile is made up for.
    clock.jumpTo(START + 50 * HOUR)
    await start()
    // Late by two days, and what it makes true is decided for then.
    outcomes.push(await does('v', 'used', { feature: 'A' }, { timestamp: START + HOUR }))
    // The visitor turns out to be the user.
    outcomes.push(await does('u', 'used', { feature: 'A' }, { anonymousId: 'phone' }))
    await clock.moveTo(START + 3 * DAY)
    const dismissed = await live!.host.conversation.answer({ userId: 'u' }, channel.sent.find(({ profile }) => profile === 'u')?.key ?? '', 'dismissed')
    await live!.host.merge('v', 'tablet')
    await live!.host.unmerge('u', 'phone')
    await clock.moveTo(START + 7 * DAY)
    await live!.host.settled()
    const { config } = live!.host
    const census = await live!.host.census()
    const explained = await Promise.all(['u', 'v', 'phone'].map((user) => explain(config, config.store, user, { now: clock.now() })))
    const left = {
      outcomes,
      dismissed,
      census,
      explained,
      sent: channel.sent,
      log: await config.store.log(0, 1_000),
      ledger: await config.store.decisions({}),
      journal: (await config.store.journal({})).map(({ id: _, ...entry }) => entry),
      quarantined: (await config.store.quarantined({ limit: 10 })).map(({ id: _, ...item }) => item),
      owners: await config.store.profilesOf(['user:u', 'user:v', 'anonymous:phone', 'anonymous:tablet']),
    }
    await live!.host.close()
    return { ...left, profiles: await profilesIn(store()), wakes: await wakesIn(store()) }
  }

  async function wakesIn(store: Store) {
    await store.open({ readOnly: true })
    const wakes = await store.wakes()
    await store.close()
    return wakes
  }

  it('comes to what a host on SQLite comes to: ledger, memberships, messages, reasons', async () => {
    const { onPostgres, onSqlite } = twins()
    const [one, other] = [await week(onPostgres), await week(onSqlite)]
    expect(one.outcomes.map((outcome) => outcome.split(':')[0])).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'duplicate',
      'quarantined',
      'accepted',
      'accepted',
      'accepted',
    ])
    expect(one.sent.length).toBeGreaterThan(3)
    expect(one.dismissed).toBe(true)
    expect(new Set(one.ledger.map(({ rule }) => rule))).toEqual(new Set(['tip', 'come-back']))
    expect(one.explained.every((explanation) => explanation !== undefined)).toBe(true)
    expect(one).toEqual(other)
  })

  it('goes on after its sessions were ended, as a crash does it, and has what a host on SQLite has that never crashed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), fc.nat({ max: 19 }), async (steps, restartAfter) => {
        const { onPostgres, onSqlite } = twins()
        const [clock, other] = [virtualClock(START), virtualClock(START)]
        const twin = await world({ config: configOn(onSqlite()), clock: other })
        let live = await world({ config: configOn(onPostgres()), clock })
        for (const [index, next] of steps.entries()) {
          const messageId = { messageId: `e${index}` }
          await take(twin, next, messageId)
          await take(live, next, messageId)
          if (index !== restartAfter) continue
          await live.host.close()
          live = await world({ config: configOn(onPostgres()), clock })
        }
        await endSessions()
        const recovered = await world({ config: configOn(onPostgres()), clock })
        expect(await ledgerOf(recovered)).toEqual(await ledgerOf(twin))
        await recovered.host.close()
        await twin.host.close()
        await live.host.config.store.close()
        expect(await profilesIn(onPostgres())).toEqual(await profilesIn(onSqlite()))
      }),
      { numRuns: 12 },
    )
  }, 120_000)

  it('has in memory what was written while the connection broke, and counts it once', async () => {
    const server = running as PostgresServer
    const line = await lineTo(server.port)
    const connectionString = server.url().replace(`:${server.port}/`, `:${line.port}/`)
    stores += 1
    const store = postgres({ connectionString, schema: `host_${stores}`, reconnectTimeout: 100 })
    const channel = recorder()
    const { host, does, clock } = await world({ config: configWith(store, [channel]) })
    await does('u', 'used', { feature: 'A' })
    line.cutAtCommit('answer lost')
    line.isOpen = false
    const used = () => does('u', 'used', { feature: 'A' }, { messageId: 'unclear' })
    await expect(used()).rejects.toMatchObject({ code: 'STORE_COMMIT_UNKNOWN' })
    line.isOpen = true
    expect(await used()).toBe('duplicate')
    await clock.moveTo(clock.now() + 5_000)
    expect(channel.sent.map(({ rule }) => rule)).toEqual(['tip'])
    await host.close()
    await line.close()
  })

  /** Of two people at one moment, a host that was started anew may decide for the other first. */
  async function ledgerOf({ host }: World) {
    return (await host.config.store.decisions({})).toSorted((a, b) => b.at - a.at || (a.key < b.key ? -1 : 1))
  }

  async function endSessions(): Promise<void> {
    const client = new Client((running as PostgresServer).url())
    await client.connect()
    await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'waymark'")
    await client.end()
  }
})
