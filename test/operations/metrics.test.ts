import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { segment } from '@waymark/adapter-segment'
import { type Plugin, type Store, WaymarkError } from '@waymark/core'
import { createHost, type Host, silentLogger, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { describe, expect, it } from 'vitest'
import { configWith, HOUR, MINUTE, recorder, START, world } from '../host/world.ts'

/** The series of a scrape: `name{label="value",…}` to its value. Fails on a line that is none of the text format. */
async function series(host: Host): Promise<ReadonlyMap<string, number>> {
  const text = await (await host.fetch(new Request('http://host/metrics'))).text()
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || /^# (?:HELP|TYPE) [a-z_0-9]+ .+$/.test(line)) continue
    const match = /^([a-z_0-9]+(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})?) (\S+)$/.exec(line)
    if (match?.[1] === undefined) throw new Error(`not a line of the Prometheus text format: ${line}`)
    found.set(match[1], Number(match[2]))
  }
  return found
}
const named = (all: ReadonlyMap<string, number>, name: string): Record<string, number> =>
  Object.fromEntries([...all].filter(([key]) => key === name || key.startsWith(`${name}{`)))

describe('GET /metrics', () => {
  it('answers in the Prometheus text format, each name said what it is, and with what the process does', async () => {
    const { host } = await world()
    const response = await host.fetch(new Request('http://host/metrics'))
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
    const helped = new Set([...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name))
    expect(helped).toEqual(names)
    for (const name of ['waymark_ready', 'process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds', 'nodejs_gc_duration_seconds'])
      expect(names).toContain(name)
    expect(Number(/^nodejs_eventloop_lag_mean_seconds (\S+)$/m.exec(text)?.[1])).toBeGreaterThan(0)
    await host.close()
  })

  it('has what docs/operations.md lists, and nothing else of its own', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
    const listed = [...page.matchAll(/^\| `waymark_(\w+)` \| (\w+) \|/gm)].map(([, name, type]) => `${name} ${type}`)
    const { host } = await world()
    const types = [...(await host.metrics()).matchAll(/^# TYPE waymark_(\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`)
    expect(listed.toSorted()).toEqual(types.toSorted())
    await host.close()
  })

  it('is not there in a host that counts nothing', async () => {
    const host = await createHost(configWith(sqlite(':memory:'), []), { metrics: false, logger: silentLogger, effects: { clock: virtualClock(START) } })
    expect((await host.fetch(new Request('http://host/metrics'))).status).toBe(404)
    expect(await host.metrics()).toBe('')
    await host.close()
  })

  it('is of one host: two in a process do not count into each other', async () => {
    const [one, other] = await Promise.all([world(), world()])
    await one.does('u', 'used', { feature: 'A' })
    expect(named(await series(one.host), 'waymark_log_seq')).toEqual({ waymark_log_seq: 1 })
    expect(named(await series(other.host), 'waymark_log_seq')).toEqual({ waymark_log_seq: 0 })
    expect(named(await series(other.host), 'waymark_events_total')).toEqual({})
    await Promise.all([one.host.close(), other.host.close()])
  })
})

describe('events', () => {
  it('count by source and by what came of them', async () => {
    const { does, host } = await world({ plugins: [segment({ writeKeys: { k1: 'web', k2: 'phone' } }), recorder()] })
    await does('u', 'used', { feature: 'A' }, { source: 'web', messageId: 'same' })
    await does('u', 'used', { feature: 'A' }, { source: 'web', messageId: 'same' })
    await does('u', 'used', { feature: 7 }, { source: 'phone' })
    await does('v', 'used', { feature: 'A' }, { source: 'phone', context: { consent: { categoryPreferences: { analytics: false } } } })
    const unreadable = { authorization: `Basic ${btoa('k1:')}` }
    await host.fetch(
      new Request('http://host/v1/batch', { method: 'POST', headers: unreadable, body: JSON.stringify({ batch: ['no event', { type: 'shout' }] }) }),
    )
    expect(named(await series(host), 'waymark_events_total')).toEqual({
      'waymark_events_total{source="web",outcome="unreadable"}': 2,
      'waymark_events_total{source="web",outcome="accepted"}': 1,
      'waymark_events_total{source="web",outcome="duplicate"}': 1,
      'waymark_events_total{source="phone",outcome="quarantined"}': 1,
      'waymark_events_total{source="phone",outcome="refused"}': 1,
    })
    expect(named(await series(host), 'waymark_quarantined_events')).toEqual({
      'waymark_quarantined_events{source="phone",readable="yes"}': 1,
      'waymark_quarantined_events{source="phone",readable="no"}': 0,
      'waymark_quarantined_events{source="web",readable="yes"}': 0,
      'waymark_quarantined_events{source="web",readable="no"}': 2,
    })
    await host.close()
  })

  it('of sources that nobody declared make one series together, however many there are', async () => {
    const { does, host } = await world({ plugins: [segment(), recorder()] })
    for (let index = 0; index < 50; index += 1) await does('u', 'used', { feature: 'A' }, { source: `write-key-${index}` })
    const all = await series(host)
    expect(named(all, 'waymark_events_total')).toEqual({ 'waymark_events_total{source="other",outcome="accepted"}': 50 })
    await host.close()
  })

  it('that could not be stored, and those a closing host refused, count too', async () => {
    const store = sqlite(':memory:')
    let full = false
    const fillable: Store = {
      ...store,
      transaction: (work) =>
        store.transaction(async (tx) => {
          const result = await work(tx)
          if (full) throw new WaymarkError('STORE_WRITE_FAILED', 'full')
          return result
        }),
    }
    const { does, host } = await world({ config: configWith(fillable, []) })
    full = true
    await expect(does('u', 'used', { feature: 'A' })).rejects.toThrow('full')
    full = false
    const all = await series(host)
    expect(named(all, 'waymark_events_total')).toEqual({ 'waymark_events_total{source="other",outcome="failed"}': 1 })
    expect(named(all, 'waymark_commit_failures_total')).toEqual({ 'waymark_commit_failures_total{code="STORE_WRITE_FAILED"}': 1 })
    expect(all.get('waymark_ready')).toBe(0)
    const closed = host.close()
    await expect(does('u', 'used', { feature: 'A' })).rejects.toMatchObject({ code: 'BUSY' })
    await closed
    const last = await series(host)
    expect(last.get('waymark_events_total{source="other",outcome="busy"}')).toBe(1)
    // The store is closed, and what the host has counted is told all the same.
    expect([last.get('waymark_store_readable'), named(last, 'waymark_outbox_messages')]).toEqual([0, {}])
  })
})

it('decisions, segments, steps of the engine, commits and ids are counted as they come about', async () => {
  const { does, host, clock } = await world()
  await does('ada', 'signed_up', {}, { anonymousId: 'phone' })
  for (const feature of ['A', 'B', 'A']) {
    clock.jumpTo(clock.now() + MINUTE)
    await does('ada', 'used', { feature })
  }
  // A late one: the profile is read anew.
  await does('ada', 'used', { feature: 'C' }, { timestamp: START + 1 })
  await clock.moveTo(clock.now() + 49 * HOUR)
  await host.settled()
  const all = await series(host)
  expect(named(all, 'waymark_decisions_total')).toEqual({
    'waymark_decisions_total{rule="tip",outcome="sent",reason=""}': 1,
    'waymark_decisions_total{rule="come-back",outcome="sent",reason=""}': 1,
  })
  expect(named(all, 'waymark_segment_entries_total')).toEqual({ 'waymark_segment_entries_total{segment="engagement",member="engaged"}': 1 })
  expect(named(all, 'waymark_engine_steps_total')).toMatchObject({
    'waymark_engine_steps_total{kind="event"}': 4,
    'waymark_engine_steps_total{kind="rebuild"}': 1,
    'waymark_engine_steps_total{kind="tick"}': expect.any(Number),
  })
  expect(named(all, 'waymark_identity_changes_total')).toEqual({ 'waymark_identity_changes_total{outcome="linked"}': 1 })
  expect(all.get('waymark_commit_works_count')).toBe(all.get('waymark_commit_duration_seconds_count'))
  expect(all.get('waymark_commit_works_sum')).toBeGreaterThanOrEqual(6)
  await host.close()
})

it('what a guard held back counts by the guard', async () => {
  const { does, host } = await world({ config: configWith(sqlite(':memory:'), [], { governance: {} }) })
  await does('u', 'used', { feature: 'A' })
  await does('u', 'used', { feature: 'A' })
  expect(named(await series(host), 'waymark_decisions_total')).toEqual({ 'waymark_decisions_total{rule="tip",outcome="suppressed",reason="consent"}': 1 })
  await host.close()
})

describe('timers', () => {
  it('are pending, then overdue while nobody looks, and their lateness is measured', async () => {
    const { does, host, clock } = await world()
    await does('u', 'signed_up')
    clock.jumpTo(START + HOUR)
    await does('v', 'signed_up')
    const before = await series(host)
    expect([before.get('waymark_timers_pending'), before.get('waymark_timers_due')]).toEqual([2, 0])
    clock.jumpTo(START + 24 * HOUR + 20_000)
    expect((await series(host)).get('waymark_timers_due')).toBe(1)
    await clock.moveTo(clock.now())
    const after = await series(host)
    expect(after.get('waymark_timers_due')).toBe(0)
    expect(after.get('waymark_timer_lateness_seconds_bucket{le="5"}')).toBe(0)
    expect(after.get('waymark_timer_lateness_seconds_bucket{le="30"}')).toBeGreaterThan(0)
    await host.close()
  })
})

describe('deliveries', () => {
  it('count by plugin and outcome; what waits, what is under way and the breaker are told', async () => {
    const down: Plugin = { name: 'lake', purpose: 'analytics', sink: { deliver: async (events) => events.map(() => ({ status: 'retry', reason: 'down' })) } }
    const channel = recorder([{ status: 'rejected', reason: 'no' }])
    const { does, host, clock } = await world({ plugins: [down, channel] })
    await does('u', 'used', { feature: 'A' })
    await does('u', 'used', { feature: 'A' })
    await does('v', 'used', { feature: 'A' })
    await does('v', 'used', { feature: 'A' })
    for (let minute = 0; minute < 10; minute += 1) {
      await clock.moveTo(clock.now() + MINUTE)
      await host.settled()
    }
    const all = await series(host)
    expect(named(all, 'waymark_deliveries_total')).toMatchObject({
      'waymark_deliveries_total{plugin="recorder",stage="channel",outcome="rejected"}': 1,
      'waymark_deliveries_total{plugin="recorder",stage="channel",outcome="sent"}': 1,
      'waymark_deliveries_total{plugin="lake",stage="sink",outcome="retry"}': expect.any(Number),
    })
    expect(all.get('waymark_delivery_duration_seconds_count{plugin="recorder",stage="channel"}')).toBe(2)
    expect(all.get('waymark_deliveries_in_flight{plugin="recorder",stage="channel"}')).toBe(0)
    // Four events, and that the rejected message did not arrive.
    expect(named(all, 'waymark_sink_lag_entries')).toEqual({ 'waymark_sink_lag_entries{plugin="lake"}': 5 })
    expect(all.get('waymark_sink_lag_seconds{plugin="lake"}')).toBe(600)
    const breaker = (plugin: string, stage: string) =>
      ['closed', 'half-open', 'open'].filter((state) => all.get(`waymark_breaker_state{plugin="${plugin}",stage="${stage}",state="${state}"}`) === 1)
    expect(breaker('lake', 'sink')).not.toEqual(['closed'])
    expect(breaker('recorder', 'channel')).toEqual(['closed'])
    expect(all.get('waymark_dead_letters{plugin="recorder",stage="channel",waiting="no"}')).toBe(1)
    expect(all.get('waymark_outbox_messages{plugin="recorder"}')).toBe(0)
    await host.close()
  })

  it('that hang are under way for as long as they do, and their messages wait', async () => {
    const hung: Plugin = { ...recorder(), channel: { name: 'recorder', reach: 'inside', send: () => new Promise(() => {}) } }
    const { host, clock } = await world({ plugins: [hung] })
    const event = {
      type: 'track',
      event: 'used',
      userId: 'u',
      timestamp: START,
      receivedAt: START,
      properties: { feature: 'A' },
      traits: {},
      context: {},
      integrations: {},
      source: 't',
    } as const
    await host.ingest([
      { ...event, messageId: '1' },
      { ...event, messageId: '2' },
    ])
    await new Promise((resolve) => setImmediate(resolve))
    clock.jumpTo(START + 30_000)
    const all = await series(host)
    expect(all.get('waymark_deliveries_in_flight{plugin="recorder",stage="channel"}')).toBe(1)
    expect(all.get('waymark_outbox_messages{plugin="recorder"}')).toBe(1)
    await clock.moveTo(START + 10 * MINUTE)
    await host.close()
  })
})

it('profiles, the log and the checkpoint are told', async () => {
  const { does, host, clock } = await world()
  await does('u', 'used', { feature: 'A' })
  await does('v', 'used', { feature: 'A' })
  clock.jumpTo(START + 90_000)
  const all = await series(host)
  expect(named(all, 'waymark_profiles')).toEqual({ 'waymark_profiles{kept="at hand"}': 2, 'waymark_profiles{kept="packed"}': 0 })
  expect([all.get('waymark_log_seq'), all.get('waymark_checkpoint_behind_entries'), all.get('waymark_checkpoint_age_seconds')]).toEqual([2, 2, 90])
  await host.close()
})

it('no label and no value is of a user, whatever comes in', async () => {
  const { does, host } = await world({ plugins: [segment({ writeKeys: ['canary-key'] }), recorder([{ status: 'rejected', reason: 'canary-reason' }])] })
  await does('canary-user', 'used', { feature: 'canary' }, { anonymousId: 'canary-visitor', source: 'canary-key' })
  await does('canary-user', 'used', { feature: 'A' }, { source: 'canary-source', messageId: 'canary-message', traits: { email: 'canary@example.org' } })
  await does('canary-user', 'used', { feature: 'A' })
  await does('canary-user', 'canary-event')
  await host.fetch(new Request('http://host/canary-path'))
  expect(await host.metrics()).not.toContain('canary')
  await host.close()
})
