import { join } from 'node:path'
import { defineWaymark } from '@waymark/core'
import { createHost, silentLogger, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { say } from './fixtures/channel.ts'
import { plan } from './fixtures/plan.ts'
import { scratchFolder, waymark } from './run.ts'

const NOW = Date.parse('2026-08-01T10:00:00Z')
const scratch = scratchFolder()
afterAll(() => scratch.remove())

/** The config of the fixtures with a channel and a sink that refuse everything, over the same database. */
const REFUSES = `
import good from '../waymark.config.ts'
const note = { ...good.plugins[0], channel: { ...good.plugins[0].channel, send: async () => ({ status: 'rejected', reason: 'no such person' }) } }
const crm = { name: 'crm', purpose: 'essential', sink: { deliver: async (events) => events.map(() => ({ status: 'rejected', reason: 'the field is too long' })) } }
export default { ...good, plugins: [note, crm] }
`
const refusing = scratch.write('refuses.config.ts', REFUSES)

let databases = 0
let env: { WAYMARK_TEST_DB: string }
beforeEach(async () => {
  databases += 1
  env = { WAYMARK_TEST_DB: join(scratch.path, `aside-${databases}.db`) }
  const rejected = async () => ({ status: 'rejected' as const, reason: 'no such person' })
  const host = await createHost(
    defineWaymark({
      plan,
      rules: [plan.rule('core-benefits', { when: plan.behaviour.did('onboarding_skipped'), send: say('What it is for') })],
      plugins: [
        { name: 'note', purpose: 'essential', channel: { name: 'note', reach: 'inside', send: rejected } },
        {
          name: 'crm',
          purpose: 'essential',
          sink: { deliver: async (events) => events.map(() => ({ status: 'rejected', reason: 'the field is too long' })) },
        },
      ],
      store: sqlite(env.WAYMARK_TEST_DB),
    }),
    { logger: silentLogger, effects: { clock: virtualClock(NOW) } },
  )
  const event = (messageId: string, name: string, source = 'web') => ({
    ...({ type: 'track', userId: 'ada', properties: {}, traits: {}, context: {}, integrations: {} } as const),
    ...{ event: name, messageId, source, timestamp: NOW, receivedAt: NOW },
  })
  await host.ingest([event('1', 'onboarding_skipped'), event('2', 'feature_usd'), event('3', 'feature_used'), event('4', 'feature_usd', 'app')])
  await host.config.store.transaction((tx) => tx.quarantine([{ source: 'web', reason: 'not JSON', version: '', raw: '{"broken' }], NOW))
  await host.settled()
  await host.close()
})

describe('waymark dead-letter', () => {
  it('lists what was given up with its reason and totals, by plugin, and shows one whole', async () => {
    const [people, program, crm] = await Promise.all([
      waymark(['dead-letter', 'list'], { env }),
      waymark(['dead-letter', 'list', '--json', '--limit', '1'], { env }),
      waymark(['dead-letter', 'list', '--plugin', 'crm'], { env }),
    ])
    expect(people.stdout).toMatch(
      /#\d {2}2026-08-01T10:00:00\+00:00 {2}note \(channel\) {2}1 attempt\n {2}no such person\n {2}core-benefits for ada: note line "What it is for", rejected/,
    )
    expect(people.stdout).toMatch(/crm \(sink\) {2}1 attempt\n {2}the field is too long\n {2}onboarding_skipped of ada, .*, message id 1 from web/)
    expect(people.stdout).toMatch(/\n2 dead letters\n {2}1 {2}crm \(sink\)\n {2}1 {2}note \(channel\)\n$/)
    expect(crm.stdout).toMatch(/1 dead letter\n {2}1 {2}crm \(sink\)\n$/)
    expect(crm.stdout).not.toContain('note')
    const { deadLetters, totals } = JSON.parse(program.stdout)
    expect(deadLetters).toHaveLength(1)
    expect(totals).toHaveLength(2)
    const { stdout } = await waymark(['dead-letter', 'show', String(deadLetters[0].id), '--json'], { env })
    expect(JSON.parse(stdout)).toEqual(deadLetters[0])
    expect((await waymark(['dead-letter', 'show', '99'], { env })).status).toBe(3)
  })

  it('retry has them tried when the host starts, and discard takes them out', async () => {
    const retried = await waymark(['dead-letter', 'retry', '--all'], { env })
    expect([retried.status, retried.stderr]).toEqual([0, ''])
    // The config of the fixtures has no plugin crm: what is of it stays as it is.
    expect(retried.stdout).toBe('1 dead letter will be tried again when the host starts\n')
    const explained = JSON.parse((await waymark(['explain', 'ada', '--json'], { env })).stdout)
    expect(explained.messages).toMatchObject([{ rule: 'core-benefits', state: 'queued', attempts: 0 }])
    const crm = await waymark(['dead-letter', 'retry', '--plugin', 'crm', '--config', refusing, '--json'], { env })
    expect(JSON.parse(crm.stdout)).toEqual({ count: 1 })
    expect((await waymark(['dead-letter', 'list'], { env })).stdout).toMatch(
      /tried again 20.*1 dead letter\n {2}1 {2}crm \(sink\) {2}1 of them tried again by itself/s,
    )
    const [{ id }] = JSON.parse((await waymark(['dead-letter', 'list', '--json'], { env })).stdout).deadLetters
    expect((await waymark(['dead-letter', 'discard', String(id)], { env })).stdout).toBe('1 dead letter discarded\n')
    expect((await waymark(['dead-letter', 'list'], { env })).stdout).toBe('There are no dead letters.\n')
  })

  it('wants to know which, and says what there is', async () => {
    const [nothing, both, word, unknown, plugin] = await Promise.all([
      waymark(['dead-letter', 'retry'], { env }),
      waymark(['dead-letter', 'discard', '1', '--all'], { env }),
      waymark(['dead-letter', 'discard', 'one'], { env }),
      waymark(['dead-letter', 'discard', '99'], { env }),
      waymark(['dead-letter', 'retry', '--plugin', 'crm'], { env }),
    ])
    expect([nothing, both, word, unknown, plugin].map(({ status }) => status)).toEqual([2, 2, 2, 3, 3])
    expect(nothing.stderr).toContain('waymark dead-letter retry <id…>')
    expect(plugin.stderr).toContain('its plugins are note')
  })

  it('leaves a host that runs alone, and says what to do', async () => {
    const store = sqlite(env.WAYMARK_TEST_DB)
    await store.open()
    const [retry, discard, replay] = await Promise.all([
      waymark(['dead-letter', 'retry', '--all'], { env }),
      waymark(['quarantine', 'discard', '--all'], { env }),
      waymark(['quarantine', 'replay', '--json'], { env }),
    ])
    await store.close()
    expect([retry, discard, replay].map(({ status }) => status)).toEqual([1, 1, 1])
    expect(retry.stderr).toMatch(/a host has this database open[\s\S]*stop the host, run this again and start it; or call host\.retryDeadLetters/)
    expect(JSON.parse(replay.stdout)).toMatchObject({ error: { code: 'HOST_RUNNING' } })
  })
})

describe('waymark quarantine', () => {
  it('lists with totals, by page and by source, with and without the word', async () => {
    const [bare, listed, page, app] = await Promise.all([
      waymark(['quarantine'], { env }),
      waymark(['quarantine', 'list'], { env }),
      waymark(['quarantine', 'list', '--limit', '1', '--json'], { env }),
      waymark(['quarantine', '--source', 'app'], { env }),
    ])
    expect(listed.stdout).toBe(bare.stdout)
    expect(bare.stdout).toMatch(/#4 {2}2026-08-01T10:00:00\+00:00 {2}web {2}not JSON\n {2}\{"broken\n/)
    expect(bare.stdout).toMatch(/4 events in quarantine\n {2}1 {2}app {2}1 can be replayed once they fit the plan\n {2}3 {2}web {2}2 can be replayed/)
    expect(JSON.parse(page.stdout)).toMatchObject({
      quarantined: [{ id: 4, source: 'web', raw: '{"broken' }],
      totals: [
        { source: 'app', count: 1, readable: 1 },
        { source: 'web', count: 3, readable: 2 },
      ],
    })
    expect((await waymark(['quarantine', '--limit', '1', '--before', '4'], { env })).stdout).toMatch(/#3 [\s\S]*--before 3 shows older ones/)
    expect(app.stdout).toMatch(/1 event in quarantine/)
  })

  it('replay takes in what fits the mended plan, prints what came of it, and keeps the rest', async () => {
    const mended = scratch.write(
      'mended.config.ts',
      "import good from '../waymark.config.ts'\nimport { z } from 'zod'\nexport default { ...good, plan: { ...good.plan, events: { ...good.plan.events, feature_usd: z.object({}) } } }\n",
    )
    const { stdout, status } = await waymark(['quarantine', 'replay', '--config', mended], { env })
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /taken in +2 {2}what they set off goes out when the host starts\n {2}still out +1 .*\n {2}unreadable +1 .*\n {4}1 {2}feature_used\.properties/,
    )
    expect((await waymark(['quarantine'], { env })).stdout).toContain('2 events in quarantine')
    const again = JSON.parse((await waymark(['quarantine', 'replay', '--json'], { env })).stdout)
    expect(again).toMatchObject({ accepted: 0, misfits: 1, unreadable: 1 })
    expect((await waymark(['quarantine', 'discard', '--source', 'web'], { env })).stdout).toBe('2 events discarded\n')
    expect((await waymark(['quarantine'], { env })).stdout).toBe('Nothing is in quarantine.\n')
  })
})
