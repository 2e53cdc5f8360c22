import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger, WaymarkConfig } from '@waymark/core'
import { createHost, type Host, replay, silentLogger, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { configWith, DAY, HOUR, recorder, START, type World, world } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-outage-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Keeps what is logged with this level. */
function listening(level: 'info' | 'warn'): { readonly logger: Logger; readonly lines: { message: string; fields: object | undefined }[] } {
  const lines: { message: string; fields: object | undefined }[] = []
  return { lines, logger: { ...silentLogger, [level]: (message: string, fields?: object) => lines.push({ message, fields }) } }
}

interface Outage {
  readonly users: number
  /** What the timers of the users of the outage are apart, in milliseconds. */
  readonly apart?: number
  readonly away: number
  readonly timers: NonNullable<WaymarkConfig['timers']>
  readonly logger?: Logger
}

/** So many users, each seen once; then nobody looks for so long, and a host is started again. */
async function outage({ users, apart = 0, away, timers, logger = silentLogger }: Outage, name: string) {
  const channel = recorder()
  const clock = virtualClock(START)
  const config = () => configWith(sqlite(join(folder, `${name}.db`)), [channel], { timers })
  const before = await world({ config: config(), clock })
  for (let user = 0; user < users; user += 1) {
    await clock.moveTo(START + user * apart)
    await before.does(`u${user}`, 'signed_up')
  }
  await before.host.close()
  clock.jumpTo(START + away)
  const live = await world({ config: config(), clock, logger })
  return { ...live, channel }
}

const ledgerOf = async ({ host }: World) => (await host.config.store.decisions({})).toReversed()

describe('after an outage', () => {
  it('what fell due is done at a bounded rate, the longest overdue first', async () => {
    const { lines, logger } = listening('info')
    const live = await outage({ users: 100, apart: 1_000, away: 25 * HOUR, timers: { drainPerSecond: 20 }, logger }, 'rate')
    expect((await ledgerOf(live)).map(({ profile }) => profile)).toEqual(['u0'])
    await live.clock.moveTo(START + 25 * HOUR + 2_000)
    expect((await ledgerOf(live)).length).toBe(41)
    await live.clock.moveTo(START + 25 * HOUR + 10_000)
    const ledger = await ledgerOf(live)
    expect(ledger.map(({ profile, since }) => [profile, since])).toEqual(Array.from({ length: 100 }, (_, user) => [`u${user}`, START + user * 1_000 + DAY]))
    expect(live.channel.sent).toHaveLength(100)
    expect(lines.map(({ message, fields }) => ({ message, ...fields }))).toEqual([
      { message: expect.stringContaining('beside what comes in'), profiles: 100, aSecond: 20 },
      { message: 'what was overdue is done', profiles: 100 },
    ])
    await live.host.close()
  })

  it('events are taken in at once, and their users are told what fell due before', async () => {
    const live = await outage({ users: 100, away: 25 * HOUR, timers: { drainPerSecond: 1 } }, 'beside')
    expect(await live.does('u77', 'used', { feature: 'A' })).toBe('accepted')
    expect((await ledgerOf(live)).map(({ profile, rule, cause }) => ({ profile, rule, cause }))).toContainEqual({
      profile: 'u77',
      rule: 'come-back',
      cause: undefined,
    })
    expect((await live.host.census()).profiles).toBe(100)
    await live.clock.moveTo(START + 25 * HOUR + 3 * 60_000)
    const ledger = await ledgerOf(live)
    expect(new Set(ledger.map(({ key }) => key)).size).toBe(100)
    expect(ledger).toHaveLength(100)
    // Whoever came back meanwhile is not called back.
    expect(live.channel.sent.map(({ profile }) => profile)).not.toContain('u77')
    expect(live.channel.sent).toHaveLength(99)
    await live.host.close()
  })

  it('what is too old is not sent, stands in the ledger, and is told in one line', async () => {
    const { lines, logger } = listening('warn')
    const live = await outage({ users: 60, apart: HOUR / 3, away: 69.9 * HOUR, timers: { drainPerSecond: 40, staleAfter: '36h' }, logger }, 'stale')
    await live.clock.moveTo(START + 69.9 * HOUR + 5_000)
    const ledger = await ledgerOf(live)
    // Due from START + 24 h on, twenty minutes apart: those of before START + 33.9 h are too old.
    const stale = ledger.filter(({ guard }) => guard === 'stale')
    expect(stale.map(({ profile }) => profile)).toEqual(Array.from({ length: 30 }, (_, user) => `u${user}`))
    expect(ledger.filter(({ outcome }) => outcome === 'sent').map(({ profile }) => profile)).toEqual(Array.from({ length: 30 }, (_, user) => `u${user + 30}`))
    expect(live.channel.sent).toHaveLength(30)
    expect(lines).toEqual([{ message: expect.stringContaining('too long ago'), fields: { messages: 30, staleAfterMs: 36 * HOUR } }])
    // Everybody is where the time alone has brought them.
    expect((await live.host.census()).segments['engagement']).toEqual({ engaged: 0, 'at-risk': 60 })
    await live.host.close()
  })

  it('is the same when a crash comes in the middle of it', async () => {
    const timers = { drainPerSecond: 40, staleAfter: '36h' } as const
    const whole = await outage({ users: 40, apart: HOUR / 3, away: 65.9 * HOUR, timers }, 'whole')
    await whole.clock.moveTo(START + 65.9 * HOUR + 5_000)
    const torn = await outage({ users: 40, apart: HOUR / 3, away: 65.9 * HOUR, timers }, 'torn')
    await torn.clock.moveTo(START + 65.9 * HOUR + 400)
    const soFar = (await ledgerOf(torn)).length
    expect(soFar).toBeGreaterThan(5)
    expect(soFar).toBeLessThan(30)
    await torn.host.config.store.close()
    const clock = virtualClock(torn.clock.now())
    const config = configWith(sqlite(join(folder, 'torn.db')), [recorder()], { timers })
    const next = await world({ config, clock })
    await clock.moveTo(START + 65.9 * HOUR + 5_000)
    const bare = async (one: World) => (await ledgerOf(one)).map(({ profile, rule, since, guard, outcome }) => ({ profile, rule, since, guard, outcome }))
    expect(await bare(next)).toEqual(await bare(whole))
    await next.host.close()
    await whole.host.close()
  })
})

it('a replay of last year is punctual: what time alone brought about then is sent then', async () => {
  const config = configWith(sqlite(':memory:'), [])
  const line = (at: number) => JSON.stringify({ type: 'track', event: 'signed_up', messageId: `m${at}`, userId: 'u', timestamp: at })
  await config.store.open()
  const { decisions } = await replay(config, config.store, [line(START), line(START + 10 * DAY)])
  expect(decisions['come-back']).toEqual({ sent: 1, suppressed: {} })
  await config.store.close()
})

it('a policy that is no policy is refused', async () => {
  const wrong = configWith(sqlite(':memory:'), [], { timers: { drainPerSecond: 0.5, staleAfter: 'soon' as never } })
  const refused: Promise<Host> = createHost(wrong, { logger: silentLogger })
  await expect(refused).rejects.toThrow(/timers\.staleAfter[\s\S]*timers\.drainPerSecond/)
})
