import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type * as BrowserSdk from '@amplitude/analytics-browser'
import { createInstance, Identify, Revenue } from '@amplitude/analytics-node'
import { amplitude } from '@waymark/adapter-amplitude'
import { type CanonicalEvent, definePlan, defineWaymark } from '@waymark/core'
import { createHost, type Host, type Served, serve, silentLogger } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { listen, type Running } from '@waymark/testkit/plugin'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Browser, launchChromium, noChromium, watchedPage } from '../../examples/host-app/test/chromium.ts'
import { eventually } from '../../examples/host-app/test/running.ts'

const anything = z.record(z.string(), z.unknown())
const plan = definePlan({
  events: {
    'Signed Up': anything,
    session_start: anything,
    session_end: anything,
    revenue_amount: anything,
    '[Amplitude] Element Clicked': anything,
    '[Amplitude] Web Vitals': anything,
  },
  traits: anything,
})

let host: Host
let served: Served
beforeEach(async () => {
  const store = sqlite(':memory:')
  host = await createHost(defineWaymark({ plan, plugins: [amplitude({ apiKeys: { AK: 'product' } })], store }), { logger: silentLogger, metrics: false })
  served = await serve(host, { port: 0 })
})
afterEach(() => served.close())

async function logged(): Promise<readonly CanonicalEvent[]> {
  return (await host.config.store.log(0, 1000)).flatMap(({ input }) => (input.kind === 'event' ? [input.event] : []))
}

describe("Amplitude's server SDK against a host", () => {
  it.each(['/2/httpapi', '/batch', '/amplitude/2/httpapi'])('what was reported arrives once, as it was, at %s', async (path) => {
    const sdk = createInstance()
    await sdk.init('AK', { serverUrl: served.url + path, flushQueueSize: 10, flushIntervalMillis: 20, logLevel: 0 }).promise
    const time = Date.now() - 5000
    const who = { user_id: 'user-1', device_id: 'device-1' }
    const results = await Promise.all([
      sdk.track(
        'Signed Up',
        { plan: 'pro' },
        { ...who, insert_id: 'm1', time, session_id: 1700, app_version: '1.2', os_name: 'macOS', language: 'nb', ip: '1.2.3.4' },
      ).promise,
      sdk.track('Signed Up', { plan: 'free' }, { ...who, insert_id: 'm2', time }).promise,
      sdk.identify(new Identify().set('plan', 'pro').unset('trial').add('logins', 1), { ...who, insert_id: 'm3', time }).promise,
      sdk.setGroup('company', 'acme', { ...who, insert_id: 'm4', time }).promise,
      sdk.groupIdentify('company', 'acme', new Identify().set('size', 9), { insert_id: 'm5', time }).promise,
      sdk.revenue(new Revenue().setProductId('p').setPrice(9).setQuantity(1), { ...who, insert_id: 'm6', time }).promise,
    ])
    expect(results.map(({ code }) => code)).toEqual([200, 200, 200, 200, 200, 200])
    await sdk.track('Signed Up', { plan: 'pro' }, { ...who, insert_id: 'm1', time }).promise
    const events = [...(await logged())].sort((a, b) => a.messageId.localeCompare(b.messageId))
    expect(events).toMatchObject([
      {
        type: 'track',
        event: 'Signed Up',
        messageId: 'm1',
        userId: 'user-1',
        anonymousId: 'device-1',
        timestamp: time,
        properties: { plan: 'pro' },
        source: 'product',
        context: { app: { version: '1.2' }, os: { name: 'macOS' }, locale: 'nb', ip: '1.2.3.4', sessionId: 1700, library: { name: 'amplitude-node-ts' } },
      },
      { messageId: 'm2', properties: { plan: 'free' } },
      { type: 'identify', messageId: 'm3', traits: { plan: 'pro', trial: null }, context: { amplitude: { operations: { $add: { logins: 1 } } } } },
      { type: 'group', messageId: 'm4', userId: 'user-1', groupId: 'acme', context: { groupType: 'company' } },
      { type: 'group', messageId: 'm5', groupId: 'acme', traits: { size: 9 } },
      { type: 'track', event: 'revenue_amount', messageId: 'm6', properties: { $price: 9, $productId: 'p' } },
    ])
    expect(events).toHaveLength(6)
  })

  it('is told at once about a wrong key, and takes the events at fault out of a batch by itself', async () => {
    const wrong = createInstance()
    await wrong.init('WRONG', { serverUrl: `${served.url}/2/httpapi`, flushIntervalMillis: 20, logLevel: 0 }).promise
    expect(await wrong.track('Signed Up', {}, { user_id: 'user-1' }).promise).toMatchObject({ code: 400, message: expect.stringMatching(/^Invalid API key/) })
    const sdk = createInstance()
    await sdk.init('AK', { serverUrl: `${served.url}/2/httpapi`, flushQueueSize: 2, flushIntervalMillis: 20, logLevel: 0 }).promise
    const results = await Promise.all([
      sdk.track('Signed Up', {}, { user_id: 'user-1', time: 'yesterday' as never }).promise,
      sdk.track('Signed Up', {}, { user_id: 'user-1' }).promise,
    ])
    expect(results.map(({ code }) => code)).toEqual([400, 200])
    expect(await logged()).toHaveLength(1)
  })

  it('amplitude 18: opted out -> nothing arrives', async () => {
    const sdk = createInstance()
    await sdk.init('AK', { serverUrl: `${served.url}/2/httpapi`, flushIntervalMillis: 20, logLevel: 0 }).promise
    sdk.setOptOut(true)
    await sdk.track('Signed Up', {}, { user_id: 'user-1' }).promise
    expect(await logged()).toEqual([])
  })
})

describe.skipIf(noChromium !== undefined)(`Amplitude's browser SDK in Chromium${noChromium === undefined ? '' : ` (${noChromium})`}`, () => {
  let browser: Browser
  let site: Running
  beforeAll(async () => {
    const script = createRequire(import.meta.url)
      .resolve('@amplitude/analytics-browser')
      .replace(/lib\/.*$/, 'lib/scripts/amplitude-min.umd.js')
    const code = await readFile(script)
    browser = await launchChromium()
    site = await listen(
      createServer((request, response) => {
        const isScript = request.url === '/amplitude.js'
        response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
        response.end(isScript ? code : '<!doctype html><title>Home</title><link rel="icon" href="data:,"><script src="/amplitude.js"></script>')
      }),
    )
  })
  afterAll(async () => {
    await site?.stop()
    await browser?.close()
  })

  it('what the user did arrives once, with name, ids, time, properties and context', async () => {
    const context = await browser.newContext({ locale: 'nb-NO' })
    const { page, complaints } = await watchedPage(context)
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).host))
    await page.goto(`${site.url}/start?utm_source=mail`)
    const before = Date.now()
    await page.evaluate(async (url) => {
      const sdk = (globalThis as unknown as { amplitude: typeof BrowserSdk }).amplitude
      const options = { serverUrl: `${url}/2/httpapi`, remoteConfig: { serverUrl: `${url}/config` }, enableDiagnostics: false, logLevel: 0 }
      await sdk.init('AK', 'user-1', { ...options, autocapture: { sessions: true, pageViews: true, attribution: true, elementInteractions: false } }).promise
      await sdk.track('Signed Up', { plan: 'pro' }).promise
      await sdk.identify(new sdk.Identify().set('plan', 'pro')).promise
      sdk.setTransport('beacon')
      sdk.track('Signed Up', { plan: 'free' })
      await sdk.flush().promise
    }, served.url)
    const events = await eventually(logged, (found) => found.filter(({ event }) => event === 'Signed Up').length === 2)
    expect(complaints).toEqual([])
    expect(new Set(asked)).toEqual(new Set([new URL(site.url).host, new URL(served.url).host]))

    const signedUp = events.filter(({ event }) => event === 'Signed Up')
    expect(signedUp.map(({ properties }) => properties['plan'])).toEqual(['pro', 'free'])
    const [first] = signedUp
    expect(first).toMatchObject({
      type: 'track',
      userId: 'user-1',
      anonymousId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: 'product',
      context: { platform: 'Web', locale: 'nb-NO', userAgent: expect.stringContaining('Chrome'), library: { name: 'amplitude-ts', version: '2.47.0' } },
    })
    expect(first?.context).not.toHaveProperty('ip')
    expect(first?.timestamp).toBeGreaterThanOrEqual(before)
    expect(first?.timestamp).toBeLessThanOrEqual(Date.now())
    expect(events.filter(({ type }) => type === 'page')).toMatchObject([{ name: 'Home', properties: { path: '/start' }, context: { auto: true } }])
    expect(events.filter(({ event }) => event === 'session_start')).toMatchObject([{ context: { auto: true, sessionId: first?.context['sessionId'] } }])
    expect(events.filter(({ type, traits }) => type === 'identify' && traits['plan'] === 'pro')).toHaveLength(1)
    expect(events.some(({ type, traits }) => type === 'identify' && traits['utm_source'] === 'mail')).toBe(true)
    expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(events.length)
    await context.close()
  })
})
