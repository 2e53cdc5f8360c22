import { chmodSync, copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { segment } from '@waymark/adapter-segment'
import { type Plugin, type Store, type WaymarkConfig, WaymarkError } from '@waymark/core'
import { examine, type Finding, worstOf } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { configWith, DAY, HOUR, MINUTE, plan, recorder, START, toRecorder, world } from '../host/world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-doctor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const newFile = (): string => join(folder, `${(files += 1)}.db`)

const at = (now: number) => ({ now: () => now + performance.now() - began })
const began = performance.now()
const of = (findings: readonly Finding[], area: Finding['area']): readonly Finding[] => findings.filter((finding) => finding.area === area)
const statusOf = (findings: readonly Finding[], area: Finding['area']): string => worstOf(of(findings, area))

/** A config on a file, and the host that ran on it. */
async function lived(plugins: readonly Plugin[] = [segment()], more: Partial<WaymarkConfig> = {}) {
  const file = newFile()
  const config = () => configWith(sqlite(file), [...plugins, recorder()], more)
  const { host, does, clock } = await world({ config: config() })
  return { file, config, host, does, clock }
}

describe('a healthy host', () => {
  it('has nothing to be said against it, while it runs and after it has closed', async () => {
    const { config, host, does, clock } = await lived()
    await does('u', 'used', { feature: 'A' })
    const running = await examine(config(), at(clock.now()))
    expect(running.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(running.map(({ says }) => says).join('\n')).toContain('a host has it open')
    await host.close()
    const closed = await examine(config(), at(clock.now()))
    expect(worstOf(closed)).toBe('ok')
    expect(closed.map(({ says }) => says).join('\n')).toContain('no host has it open')
  })

  it('is not disturbed, and nothing is written', async () => {
    const { file, config, host, does, clock } = await lived()
    await does('u', 'used', { feature: 'A' })
    await examine(config(), at(clock.now()))
    expect(await does('u', 'used', { feature: 'A' })).toBe('accepted')
    await host.close()
    const before = readFileSync(file)
    await examine(config(), at(clock.now()))
    expect(readFileSync(file).equals(before)).toBe(true)
  })
})

describe('the store', () => {
  it('that is not there yet is a warning that says where it looked', async () => {
    const file = newFile()
    const findings = await examine(configWith(sqlite(file), [segment()]), at(START))
    expect(of(findings, 'store')).toEqual([
      { status: 'warn', area: 'store', says: `there is no database at ${file}`, mend: expect.stringContaining('start the host once') },
    ])
  })

  it('that is damaged is found, and what cannot be read is said', async () => {
    const { file, config, host, does, clock } = await lived()
    for (let index = 0; index < 30; index += 1) await does(`u${index}`, 'used', { feature: 'A' })
    await host.close()
    const damaged = newFile()
    copyFileSync(file, damaged)
    const handle = openSync(damaged, 'r+')
    writeSync(handle, Buffer.alloc(8 * 4096, 0xa5), 0, 8 * 4096, 4 * 4096)
    const findings = await examine({ ...config(), store: sqlite(damaged) }, at(clock.now()))
    expect(statusOf(findings, 'store')).toBe('fail')
    expect(of(findings, 'store')[0]?.says).toMatch(/damaged: .+/)
  })

  it('says how far back the log goes, and which condition reads further', async () => {
    const file = newFile()
    const config = (more: Partial<WaymarkConfig> = {}) =>
      configWith(sqlite(file), [segment()], { segments: [], rules: [], retention: { log: { age: '5d' } }, ...more })
    const first = await world({ config: config() })
    for (let index = 0; index < 40; index += 1) {
      await first.clock.moveTo(first.clock.now() + MINUTE)
      await first.does('u', 'used', { feature: 'A' })
    }
    expect(of(await examine(config(), at(first.clock.now())), 'log')).toMatchObject([
      {
        status: 'ok',
        says: expect.stringMatching(/^the log takes .+ and goes back to 2026-03-02T10:01:00.000Z, with every event; 0 events and 0 other entries/),
      },
    ])
    await first.clock.moveTo(first.clock.now() + 10 * DAY)
    await first.host.close()
    const second = await world({ config: config(), clock: first.clock })
    await second.clock.moveTo(second.clock.now() + HOUR)
    await second.host.close()
    const often = plan.rule('often', { when: plan.behaviour.did('used').atLeast(50), send: toRecorder('Often') })
    const [about, reading, ...more] = of(await examine(config({ rules: [often] }), at(second.clock.now())), 'log')
    expect(about).toMatchObject({
      status: 'ok',
      says: expect.stringMatching(/all of it from 2026-03-07T.+ on, and of before what the conditions read; 8 events and 0 other/),
    })
    expect(reading).toMatchObject({ status: 'warn', says: expect.stringMatching(/^rule 'often': 'did used at least 50 times' reads the log further back/) })
    expect(more).toEqual([])
  })

  it('that is no database is a failure with its path', async () => {
    const file = newFile()
    writeSync(openSync(file, 'w'), 'this is a letter to my aunt, not a database')
    const [finding] = of(await examine(configWith(sqlite(file), [segment()]), at(START)), 'store')
    expect(finding).toMatchObject({ status: 'fail', says: expect.stringContaining(file), mend: expect.any(String) })
  })

  it.skipIf(process.getuid?.() === 0)('that may not be written is a failure', async () => {
    const { file, config, host } = await lived()
    await host.close()
    chmodSync(file, 0o444)
    expect(statusOf(await examine(config(), at(START)), 'store')).toBe('fail')
  })

  it.each([
    [50_000_000, 'fail'],
    [1_000_000_000, 'warn'],
    [90_000_000_000, 'ok'],
  ])('with %d bytes of room left: %s', async (freeBytes, status) => {
    const store = sqlite(':memory:')
    const report = { place: '/x', schema: 3, bytes: 1, isWritable: true, isInUse: true, damage: [], room: { freeBytes, totalBytes: 100_000_000_000 } }
    const tight: Store = { ...store, inspect: async () => report }
    expect(statusOf(await examine(configWith(tight, [segment()]), at(START)), 'disk')).toBe(status)
  })

  it('that does not tell of itself is not a problem', async () => {
    const { inspect: _, ...silent } = sqlite(':memory:')
    expect(statusOf(await examine(configWith(silent, [segment()]), at(START)), 'store')).toBe('ok')
  })
})

describe('the clock', () => {
  it('behind the newest log entry is a failure: it was put back', async () => {
    const { config, host, does, clock } = await lived()
    await does('u', 'used', { feature: 'A' })
    await host.close()
    const findings = await examine(config(), at(clock.now() - 3 * HOUR))
    expect(of(findings, 'clock')[0]).toMatchObject({ status: 'fail', says: expect.stringContaining('3 hours in the future') })
  })

  it('that is being set is a warning', async () => {
    let calls = 0
    const findings = await examine(configWith(sqlite(':memory:'), [segment()]), { now: () => START + (calls += 1) * HOUR })
    expect(of(findings, 'clock').map(({ status }) => status)).toContain('warn')
  })
})

describe('plugins', () => {
  const probing = (probe: () => Promise<void>): Plugin => ({ name: 'prober', purpose: 'essential', probe })

  it('that can tell are asked; a throw is a failure, with its mend and without secrets', async () => {
    const refused = new WaymarkError('LAKE_REFUSED', 'the lake at https://me:hunter2@lake.example refused us', { mend: 'mend the key' })
    const findings = await examine(
      configWith(sqlite(':memory:'), [
        segment(),
        probing(async () => {
          throw refused
        }),
      ]),
      at(START),
    )
    expect(of(findings, 'plugins')).toEqual([
      { status: 'fail', area: 'plugins', says: 'prober: the lake at https://[redacted]@lake.example refused us', mend: 'mend the key' },
      { status: 'ok', area: 'plugins', says: 'segment, recorder: nothing to probe' },
    ])
    expect(statusOf(await examine(configWith(sqlite(':memory:'), [segment(), probing(async () => {})]), at(START)), 'plugins')).toBe('ok')
  })
})

describe('what waits', () => {
  const stuck: Plugin = { name: 'lake', purpose: 'analytics', sink: { deliver: async (events) => events.map(() => ({ status: 'retry', reason: 'down' })) } }

  it.each([
    [10_000, 'ok'],
    [5 * MINUTE, 'warn'],
    [2 * HOUR, 'fail'],
  ])('for a sink, %d ms behind: %s', async (behind, status) => {
    const { config, host, does, clock } = await lived([segment(), stuck])
    await does('u', 'used', { feature: 'A' })
    const findings = await examine(config(), at(clock.now() + behind))
    expect(statusOf(findings, 'lag')).toBe(status)
    expect(of(findings, 'lag')[0]?.says).toMatch(/^lake: 1 log entry behind, by /)
    await host.close()
  })

  it('in the outbox, though it could have gone', async () => {
    const { config, host, does, clock } = await lived()
    await does('u', 'used', { feature: 'A' })
    await host.close()
    // A host without the channel decides; nobody sends.
    const held = configWith(config().store, [segment(), { ...recorder(), channel: { name: 'recorder', reach: 'inside', send: () => new Promise(() => {}) } }])
    const second = await world({ config: held, clock })
    await second.host.ingest([
      {
        type: 'track',
        event: 'used',
        messageId: 'x',
        userId: 'u',
        timestamp: START,
        receivedAt: START,
        properties: { feature: 'A' },
        traits: {},
        context: {},
        integrations: {},
        source: 't',
      },
    ])
    const findings = await examine(config(), at(clock.now() + HOUR + 5 * MINUTE))
    expect(of(findings, 'outbox')[0]).toMatchObject({ status: 'fail', says: expect.stringMatching(/^recorder: 1 message waiting, the first for/) })
  })

  it('for its moment: overdue is a failure while a host runs, and is done at the next start when none does', async () => {
    const { config, host, does, clock } = await lived()
    await does('u', 'signed_up')
    await host.close()
    // Inactive for 24 hours: due a day later.
    const later = at(clock.now() + DAY + HOUR)
    expect(of(await examine(config(), later), 'timers')).toMatchObject([{ status: 'ok', says: expect.stringContaining('next start') }])

    const { store } = config()
    const busy: Store = {
      ...store,
      inspect: async () => ({ ...((await store.inspect?.()) as NonNullable<Awaited<ReturnType<NonNullable<Store['inspect']>>>>), isInUse: true }),
    }
    expect(of(await examine({ ...config(), store: busy }, later), 'timers')).toMatchObject([
      { status: 'fail', says: expect.stringContaining('overdue for 1 profile') },
    ])
  })

  it('for its moment is being done while a host drains what an outage left', async () => {
    const { config, host, does, clock } = await lived()
    for (const user of ['u', 'v', 'w']) await does(user, 'signed_up')
    await host.close()
    clock.jumpTo(clock.now() + 2 * DAY)
    const second = await world({ config: { ...config(), timers: { drainPerSecond: 1 } }, clock })
    const findings = of(await examine({ ...config(), timers: { drainPerSecond: 1 } }, at(clock.now())), 'timers')
    expect(findings).toMatchObject([{ status: 'warn', says: expect.stringContaining('overdue for 2 profiles'), mend: expect.stringContaining('1 a second') }])
    await second.host.close()
  })

  it('for its moment is not overdue when something has come in for the profile since its snapshot', async () => {
    const { config, host, does, clock } = await lived()
    await does('u', 'signed_up')
    await host.close()
    const second = await world({ config: config(), clock })
    await second.clock.moveTo(clock.now() + DAY + HOUR)
    await second.host.settled()
    expect(of(await examine(config(), at(clock.now() + HOUR)), 'timers')).toMatchObject([{ status: 'ok' }])
    await second.host.close()
  })

  it('for a person: dead letters and a share in quarantine that is too large', async () => {
    const refuses: Plugin = {
      name: 'lake',
      purpose: 'analytics',
      sink: { deliver: async (events) => events.map(() => ({ status: 'rejected', reason: 'no' })) },
    }
    const { config, host, does, clock } = await lived([segment(), refuses])
    await does('u', 'used', { feature: 'A' })
    for (let index = 0; index < 25; index += 1) await does('u', 'misspelt')
    await host.close()
    const findings = await examine(config(), at(clock.now()))
    expect(of(findings, 'dead letters')).toMatchObject([{ status: 'warn', says: '1 dead letter: lake 1' }])
    expect(of(findings, 'quarantine')).toMatchObject([{ status: 'fail', says: '25 events in quarantine, 96.2% of what came in' }])
  })

  it('for a start: other segments and rules than those the host runs', async () => {
    const { config, host, does, clock } = await lived()
    await does('u', 'used', { feature: 'A' })
    const changed = { ...config(), rules: [plan.rule('new', { when: plan.behaviour.did('used'), send: toRecorder('x') })] }
    expect(of(await examine(changed, at(clock.now())), 'config').map(({ status }) => status)).toContain('warn')
    await host.close()
    expect(statusOf(await examine(changed, at(clock.now())), 'config')).toBe('ok')
  })
})

describe('the config', () => {
  it('that takes nothing in over HTTP, and paths that two plugins serve, are warnings', async () => {
    const none = await examine(configWith(sqlite(':memory:'), []), at(START))
    expect(of(none, 'config')).toMatchObject([{ status: 'ok' }, { status: 'warn', says: expect.stringContaining('no plugin has routes') }])
    const two = await examine(configWith(sqlite(':memory:'), [segment(), segment({ name: 'second' })]), at(START))
    expect(of(two, 'config').map(({ says }) => says)).toContainEqual(
      expect.stringMatching(/^POST \/v1\/track and \d+ other paths: served by segment and by second, of which the first one gets the requests$/),
    )
  })
})
