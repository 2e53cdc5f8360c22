import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serving, spawned, storedIn } from './served.ts'

const ROUNDS = 20
const LIMIT = 30_000
const folder = mkdtempSync(join(tmpdir(), 'waymark-drain-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Where events are handed on to, and messages are sent. Keeps a ledger of its own. */
const received = { events: new Map<number, number>(), messages: new Map<string, number>() }
const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  request.on('end', () => {
    if (request.url === '/message') received.messages.set(text, (received.messages.get(text) ?? 0) + 1)
    else
      for (const { properties } of (JSON.parse(text) as { batch: { properties: { n: number } }[] }).batch)
        received.events.set(properties.n, (received.events.get(properties.n) ?? 0) + 1)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}')
  })
})
let receiver: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

it(`SIGTERM under load, ${ROUNDS} times: nothing acknowledged is lost, nothing is done twice, and it ends with 0 in time`, async () => {
  const database = join(folder, 'load.db')
  const ledger = join(folder, 'acknowledged.txt')
  writeFileSync(ledger, '')
  const took: number[] = []
  const refusals = new Map<string, number>()
  let next = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const host = await serving(database, { receiver })
    let acknowledged = 0
    let over = false
    const workers = Array.from({ length: 8 }, async () => {
      while (!over) {
        const ids = Array.from({ length: 5 }, () => (next += 1))
        const batch = ids.map((n) => ({ type: 'track', event: 'did_it', messageId: `m${n}`, userId: `u${n % 97}`, properties: { n } }))
        try {
          const response = await fetch(`${host.url}/v1/batch`, { method: 'POST', body: JSON.stringify({ writeKey: 'key', batch }) })
          await response.arrayBuffer()
          if (response.status === 200) {
            appendFileSync(ledger, `${ids.join('\n')}\n`)
            acknowledged += ids.length
          } else refusals.set(String(response.status), (refusals.get(String(response.status)) ?? 0) + 1)
        } catch {
          refusals.set('no answer', (refusals.get('no answer') ?? 0) + 1)
        }
      }
    })
    // The signal comes once the host has proven to be in the middle of work.
    while (acknowledged < 50 + round * 13) await new Promise((resolve) => setTimeout(resolve, 1))
    const ended = await host.end('SIGTERM')
    over = true
    await Promise.all(workers)
    took.push(ended.took)
    expect(ended.code).toBe(0)
    expect(host.logs().filter(({ level }) => level === 'error')).toEqual([])
    expect(host.logs().at(-1)).toMatchObject({ message: 'stopped' })
  }
  // One more start brings what had not gone out yet.
  const last = await serving(database, { receiver })
  const acknowledged = readFileSync(ledger, 'utf8').trim().split('\n').map(Number)
  const missing = () => acknowledged.filter((n) => !received.events.has(n))
  for (let tries = 0; tries < 200 && missing().length > 0; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50))
  expect((await last.end('SIGTERM')).code).toBe(0)

  const stored = await storedIn(database)
  expect(
    acknowledged.filter((n) => !stored.has(`m${n}`)),
    'acknowledged and lost',
  ).toEqual([])
  expect(stored.size, 'stored, and the sender not told').toBe(acknowledged.length)
  expect(
    [...stored].filter(([, times]) => times !== 1),
    'stored more than once',
  ).toEqual([])
  expect(missing(), 'acknowledged and not handed on').toEqual([])
  expect(
    [...received.events].filter(([, times]) => times !== 1),
    'handed on more than once',
  ).toEqual([])
  expect(
    [...received.messages].filter(([, times]) => times !== 1),
    'sent more than once',
  ).toEqual([])
  expect(Math.max(...took)).toBeLessThan(LIMIT)
  expect(received.messages.size).toBe(97)
  const sorted = took.toSorted((a, b) => a - b)
  console.log(
    `drain: ${ROUNDS} SIGTERMs under load, ${acknowledged.length} events acknowledged, 0 lost, 0 doubled; from signal to exit ${Math.round(sorted[ROUNDS / 2] ?? 0)} ms in the middle, ${Math.round(sorted.at(-1) ?? 0)} ms at most; refused: ${JSON.stringify(Object.fromEntries(refusals))}`,
  )
}, 240_000)

describe('a signal', () => {
  it('lets a request that is under way end, says meanwhile that the host closes, and takes nothing new', async () => {
    const database = join(folder, 'slow.db')
    const host = await serving(database)
    const slow = fetch(`${host.url}/slow`, { method: 'POST', body: JSON.stringify({ milliseconds: 1_500, messageId: 'slow' }) })
    await host.said('being slow')
    const ended = host.end('SIGTERM')
    await host.said('stopping')
    const ready = await fetch(`${host.url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, state: 'closing', reason: 'the host is closing' }])
    const late = await fetch(`${host.url}/v1/t`, {
      method: 'POST',
      body: JSON.stringify({ writeKey: 'key', event: 'did_it', userId: 'u', properties: { n: 1 } }),
    })
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await (await slow).json()).toEqual([{ status: 'accepted' }])
    expect((await ended).code).toBe(0)
    expect((await storedIn(database)).get('slow')).toBe(1)
  }, 30_000)

  it.each(['send', 'stop', 'route'])(
    'is not held up beyond the limit by a plugin whose %s hangs, and nothing acknowledged is lost',
    async (what) => {
      const database = join(folder, `hang-${what}.db`)
      const host = await serving(database, { receiver, hangs: what, args: ['--drain-timeout', '2'] })
      const batch = Array.from({ length: 10 }, (_, n) => ({ type: 'track', event: 'did_it', messageId: `h${n}`, userId: 'u', properties: { n: -1 - n } }))
      const response = await fetch(`${host.url}/v1/batch`, { method: 'POST', body: JSON.stringify({ writeKey: 'key', batch }) })
      expect(response.status).toBe(200)
      const hanging = what === 'route' ? fetch(`${host.url}/hang`).catch(() => 'cut') : undefined
      if (what !== 'stop') await host.said('hanging')
      const { code, took } = await host.end('SIGTERM')
      expect(code).toBe(0)
      // A second more for a busy machine: the limit is one of the plugin, not of the processor.
      expect(took).toBeLessThan(3_000)
      if (hanging !== undefined) expect(await hanging).toBe('cut')
      expect(host.logs().map(({ message }) => message)).toContain('closing waits no longer; the next start takes up what is left')
      expect((await storedIn(database)).size).toBe(10)
    },
    30_000,
  )

  it('ends a host that has not come up yet: nothing was taken in', async () => {
    const child = spawned(join(folder, 'start.db'), { hangs: 'start' })
    let err = ''
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk
    })
    while (!err.includes('starting for ever')) await new Promise((resolve) => setTimeout(resolve, 10))
    const start = performance.now()
    const over = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await over).toEqual([0, null])
    expect(performance.now() - start).toBeLessThan(3_000)
    expect(err).toContain('stopped before it was ready')
  }, 30_000)

  it('is not waited for by a host that has lost its store: it ends by itself, and says why', async () => {
    const database = join(folder, 'lost.db')
    const host = await serving(database, { hangs: 'disk' })
    const over = once(host.child, 'exit')
    const track = (n: number) =>
      fetch(`${host.url}/v1/track`, {
        method: 'POST',
        body: JSON.stringify({ writeKey: 'key', event: 'did_it', messageId: `m${n}`, userId: 'u', properties: { n } }),
      })
    expect((await track(1)).status).toBe(200)
    expect((await track(2)).status).toBe(503)
    expect(await over).toEqual([4, null])
    expect(host.logs().filter(({ level }) => level === 'error')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ message: 'nothing can be stored any more until the host is started anew', code: 'STORE_SYNC_FAILED' }),
        expect.objectContaining({ message: 'ending, so that it may be started anew', mend: 'look after the disk' }),
      ]),
    )
    expect([...(await storedIn(database)).keys()]).toEqual(['m1'])
  }, 30_000)

  it('that comes a second time ends it at once', async () => {
    const host = await serving(join(folder, 'twice.db'), { hangs: 'stop' })
    const first = host.end('SIGTERM')
    await host.said('stopping')
    const start = performance.now()
    host.child.kill('SIGINT')
    expect((await first).code).toBe(130)
    expect(performance.now() - start).toBeLessThan(1_000)
  }, 30_000)
})
