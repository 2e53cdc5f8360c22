import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { mixpanel } from '@waymark/adapter-mixpanel'
import { type CanonicalEvent, definePlan, defineWaymark } from '@waymark/core'
import { createHost, type Host, type Served, serve, silentLogger } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { listen, type Running } from '@waymark/testkit/plugin'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Browser, launchChromium, noChromium, watchedPage } from '../../examples/host-app/test/chromium.ts'
import { eventually } from '../../examples/host-app/test/running.ts'

const require = createRequire(import.meta.url)
const Mixpanel = require('mixpanel') as typeof import('mixpanel')
const anything = z.record(z.string(), z.unknown())
const plan = definePlan({ events: { 'Signed Up': anything }, traits: anything })

let host: Host
let served: Served
beforeEach(async () => {
  const store = sqlite(':memory:')
  host = await createHost(defineWaymark({ plan, plugins: [mixpanel({ tokens: { TOK: 'product' } })], store }), { logger: silentLogger, metrics: false })
  served = await serve(host, { port: 0 })
})
afterEach(() => served.close())

async function logged(): Promise<readonly CanonicalEvent[]> {
  return (await host.config.store.log(0, 1000)).flatMap(({ input }) => (input.kind === 'event' ? [input.event] : []))
}

describe("Mixpanel's server SDK against a host", () => {
  it.each(['', '/mixpanel', '/'])('what was reported arrives once, as it was, at the path %j', async (path) => {
    const sdk = Mixpanel.init('TOK', { protocol: 'http', host: new URL(served.url).host, path, key: 'api-key' } as never)
    const told = (call: (done: (error?: unknown) => void) => void) => new Promise((resolve) => call((error) => resolve(error ?? undefined)))
    const time = Date.now() - 5000
    const failures = [
      await told((done) => sdk.track('Signed Up', { distinct_id: 'u1', plan: 'pro', time, $insert_id: 'a', $app_version_string: '1.2' }, done)),
      await told((done) => sdk.import('Signed Up', new Date(time), { distinct_id: 'u1', plan: 'free', $insert_id: 'b' }, done)),
      await told((done) => sdk.track_batch([{ event: 'Signed Up', properties: { distinct_id: 'u1', plan: '>>>???', time, $insert_id: 'c' } }], done as never)),
      await told((done) => sdk.people.set('u1', { $email: 'ada@example.com' }, done)),
      await told((done) => sdk.groups.set('company', 'acme', { seats: 3 }, done)),
      await told((done) => sdk.track('Signed Up', { distinct_id: 'u1', plan: 'pro', time, $insert_id: 'a' }, done)),
    ]
    expect(failures).toEqual(failures.map(() => undefined))
    const events = await logged()
    expect(events.filter(({ type }) => type === 'track').map(({ properties }) => properties['plan'])).toEqual(['pro', 'free', '>>>???'])
    expect(events).toMatchObject([
      {
        type: 'track',
        event: 'Signed Up',
        userId: 'u1',
        timestamp: time,
        source: 'product',
        context: { app: { version: '1.2' }, library: { name: 'node', version: '0.24.0' } },
      },
      { timestamp: time },
      { timestamp: time },
      { type: 'identify', userId: 'u1', traits: { email: 'ada@example.com' } },
      { type: 'group', groupId: 'acme', traits: { seats: 3 } },
    ])
  })

  it('mixpanel 23: $identify before older events -> all stitched', async () => {
    const row = (event: string, properties: object) => ({ event, properties: { token: 'TOK', ...properties } })
    const now = Date.now()
    const send = (rows: object[]) => fetch(`${served.url}//track/`, { method: 'POST', body: JSON.stringify(rows) })
    await send([row('$identify', { distinct_id: 'u1', $user_id: 'u1', $device_id: 'd1', time: now - 1000, $insert_id: 'i' })])
    const late = await send([row('Signed Up', { distinct_id: '$device:d1', $device_id: 'd1', time: now - 9000, $insert_id: 'e' })])
    expect(await late.text()).toBe('1')
    expect((await host.config.store.history('u1')).map(({ input }) => (input.kind === 'event' ? input.event.type : input.kind))).toEqual(['track', 'identify'])
  })
})

describe.skipIf(noChromium !== undefined)(`Mixpanel's browser SDK in Chromium${noChromium === undefined ? '' : ` (${noChromium})`}`, () => {
  let browser: Browser
  let site: Running
  beforeAll(async () => {
    const code = await readFile(require.resolve('mixpanel-browser/dist/mixpanel.umd.js'))
    browser = await launchChromium()
    site = await listen(
      createServer((request, response) => {
        const isScript = request.url === '/mixpanel.js'
        response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
        response.end(isScript ? code : '<!doctype html><title>Home</title><link rel="icon" href="data:,"><script src="/mixpanel.js"></script>')
      }),
    )
  })
  afterAll(async () => {
    await site?.stop()
    await browser?.close()
  })

  it.each(['', '/'])('what the user did arrives once, with name, ids, time, properties and context; the host written with %j at its end', async (end) => {
    const context = await browser.newContext()
    const { page, complaints } = await watchedPage(context)
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).host))
    await page.goto(`${site.url}/start?utm_source=mail`)
    const before = Date.now()
    await page.evaluate((url) => {
      const sdk = (globalThis as any).mixpanel
      sdk.init('TOK', { api_host: url, batch_flush_interval_ms: 50, persistence: 'localStorage', autocapture: false, track_pageview: true })
      sdk.track('Signed Up', { plan: 'pro 😀' })
      sdk.identify('u1')
      sdk.people.set({ $email: 'ada@example.com' })
      sdk.track('Signed Up', { plan: 'free' })
    }, served.url + end)
    const events = await eventually(
      logged,
      (found) => found.filter(({ event }) => event === 'Signed Up').length === 2 && found.some(({ traits }) => 'email' in traits),
    )
    const after = Date.now()
    expect(complaints).toEqual([])
    expect(new Set(asked)).toEqual(new Set([new URL(site.url).host, new URL(served.url).host]))
    // The SDK sends what happened within one millisecond in any order.
    const [second, first] = events
      .filter(({ event }) => event === 'Signed Up')
      .toSorted((a, b) => (String(a.properties['plan']) < String(b.properties['plan']) ? -1 : 1))
    expect(first).toMatchObject({
      type: 'track',
      anonymousId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      properties: { plan: 'pro 😀' },
      source: 'product',
      context: { page: { url: expect.stringContaining('/start') }, campaign: { source: 'mail' }, library: { name: 'web', version: '2.83.0' } },
    })
    expect(first?.userId).toBeUndefined()
    expect(second).toMatchObject({ userId: 'u1', anonymousId: first?.anonymousId, properties: { plan: 'free' } })
    for (const { timestamp } of [first!, second!]) {
      expect(timestamp).toBeGreaterThanOrEqual(before - 2)
      expect(timestamp).toBeLessThanOrEqual(after)
    }
    expect(events.filter(({ type, traits }) => type === 'identify' && traits['email'] === 'ada@example.com')).toMatchObject([{ userId: 'u1' }])
    expect(events.filter(({ type }) => type === 'page')).toMatchObject([{ name: 'Home' }])
    expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(events.length)
    await context.close()
  })
})
