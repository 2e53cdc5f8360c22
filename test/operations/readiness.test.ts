import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { segment } from '@waymark/adapter-segment'
import { type Plugin, type Store, WaymarkError } from '@waymark/core'
import { createHost, type Health, type Host, silentLogger, startHost, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { describe, expect, it } from 'vitest'
import { configWith, recorder, START, world } from '../host/world.ts'

/** A store whose disk is full while `full` is set: every transaction that writes fails at its end, as SQLite's do. */
function fillable(): Store & { full: boolean } {
  const store = sqlite(':memory:')
  const itself: Store & { full: boolean } = {
    ...store,
    full: false,
    transaction: (work) =>
      store.transaction(async (tx) => {
        const result = await work(tx)
        if (itself.full)
          throw new WaymarkError('STORE_WRITE_FAILED', 'nothing of the transaction was written: database or disk is full', { place: '/secret/path.db' })
        return result
      }),
  }
  return itself
}

async function readiness(host: Host): Promise<{ readonly status: number; readonly health: Health }> {
  const response = await host.fetch(new Request('http://host/readyz'))
  return { status: response.status, health: (await response.json()) as Health }
}

const track = (host: Pick<Host, 'fetch'>, messageId: string): Promise<Response> =>
  host.fetch(
    new Request('http://host/v1/track', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('any:')}`, origin: 'https://app.example' },
      body: JSON.stringify({ event: 'used', userId: 'u', messageId, properties: { feature: 'A' } }),
    }),
  )

describe('a store that cannot write', () => {
  it('makes the host not ready, and requests are told when to come back; a commit that succeeds heals it', async () => {
    const store = fillable()
    const { host } = await world({ config: configWith(store, [segment()]) })
    expect(await readiness(host)).toEqual({ status: 200, health: { ready: true, state: 'ready' } })

    store.full = true
    const refused = await track(host, 'm1')
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('5')
    // A browser's SDK must be able to see the status.
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
    const text = await refused.text()
    expect(JSON.parse(text)).toMatchObject({ success: false, code: 'CANNOT_STORE' })
    expect(text).not.toContain('/secret/path.db')
    expect(await readiness(host)).toMatchObject({
      status: 503,
      health: { ready: false, state: 'cannot-store', reason: expect.stringContaining('disk is full') },
    })
    expect((await host.fetch(new Request('http://host/healthz'))).status).toBe(200)

    store.full = false
    expect((await track(host, 'm1')).status).toBe(200)
    expect(await readiness(host)).toMatchObject({ status: 200, health: { state: 'ready' } })
    expect((await store.log(0, 10)).map(({ input }) => input.kind)).toEqual(['event'])
    await host.close()
  })

  it('is asked again each second, so that a host nobody sends to any more heals by itself', async () => {
    const store = fillable()
    const { host, clock } = await world({ config: configWith(store, [segment()]) })
    store.full = true
    await track(host, 'm1')
    await clock.moveTo(clock.now() + 5_000)
    expect((await readiness(host)).status).toBe(503)
    store.full = false
    await clock.moveTo(clock.now() + 999)
    expect((await readiness(host)).status).toBe(503)
    await clock.moveTo(clock.now() + 1)
    expect((await readiness(host)).status).toBe(200)
    await host.close()
  })

  it('logs that it failed and that it can again, once each, however many requests fail meanwhile', async () => {
    const store = fillable()
    const lines: string[] = []
    const log = (message: string): void => void lines.push(message)
    const clock = virtualClock(START)
    const host = await createHost(configWith(store, [segment({ writeKeys: ['any'] })]), {
      effects: { clock },
      logger: { debug: log, info: log, warn: log, error: log },
    })
    store.full = true
    for (let index = 0; index < 20; index += 1) await track(host, `m${index}`)
    store.full = false
    await track(host, 'm')
    expect(lines).toEqual(['a commit could not be stored; the host is not ready until one can', 'the store can write again'])
    await host.close()
  })

  it.each([new Error('the engine stumbled'), new WaymarkError('ENGINE_STUMBLED', 'the engine stumbled')])(
    'is not assumed when it was not the store that failed',
    async (error) => {
      const store = sqlite(':memory:')
      const stumbling: Store = {
        ...store,
        transaction: (work) =>
          store.transaction((tx) =>
            work({
              ...tx,
              async append() {
                throw error
              },
            }),
          ),
      }
      const { host } = await world({ config: configWith(stumbling, [segment()]) })
      expect((await track(host, 'm1')).status).toBe(500)
      expect((await readiness(host)).status).toBe(200)
      await host.close()
    },
  )
})

describe('what a route throws', () => {
  const throwing = (error: unknown): Plugin => ({
    name: 'thrower',
    purpose: 'essential',
    routes: [
      {
        method: 'GET',
        path: '/throw',
        handle() {
          throw error
        },
      },
    ],
  })
  it.each([
    ['BUSY', new WaymarkError('BUSY', 'full'), 503, '1', 'BUSY'],
    ['any failure of the store', new WaymarkError('STORE_READ_FAILED', 'password of the database'), 503, '5', 'CANNOT_STORE'],
    ['an error of its own', new WaymarkError('SOMETHING', 'password of the database'), 500, null, 'INTERNAL'],
    ['anything else', new Error('password of the database'), 500, null, 'INTERNAL'],
  ])('%s is answered with its status and without its words', async (_, error, status, retryAfter, code) => {
    const { host } = await world({ plugins: [throwing(error)] })
    const response = await host.fetch(new Request('http://host/throw'))
    const text = await response.text()
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter])
    expect(JSON.parse(text)).toMatchObject({ success: false, code })
    expect(text).not.toContain('password')
    await host.close()
  })
})

/** Without garbage. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

describe('a host that is full', () => {
  it('says so before it must refuse, refuses with 503 beyond, and is ready again when it has caught up', async () => {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const store = sqlite(':memory:')
    let hold = false
    const slow: Store = {
      ...store,
      async transaction(work) {
        if (hold) await held
        return store.transaction(work)
      },
    }
    const { host } = await world({ config: configWith(slow, [segment()]) })
    hold = true
    const event = (index: number) => ({
      type: 'track' as const,
      event: 'used',
      messageId: `b${index}`,
      userId: 'u',
      timestamp: START,
      receivedAt: START,
      properties: { feature: 'A' },
      traits: {},
      context: {},
      integrations: {},
      source: 'test',
    })
    const thousands = (count: number, from: number) =>
      Array.from({ length: count }, (_, page) => host.ingest(Array.from({ length: 1_000 }, (_, index) => event((from + page) * 1_000 + index))))
    const taken = thousands(16, 0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(await readiness(host)).toMatchObject({ status: 200 })
    taken.push(...thousands(5, 16))
    expect(await readiness(host)).toMatchObject({ status: 503, health: { state: 'overloaded' } })
    const refused = await track(host, 'one too many')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    hold = false
    release()
    await Promise.all(taken)
    expect(await readiness(host)).toMatchObject({ status: 200 })
    await host.close()
  })

  it('of few large events is full as well, and takes no more memory however many are sent', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const store = sqlite(':memory:')
    let hold = false
    const slow: Store = {
      ...store,
      async transaction(work) {
        if (hold) await held
        return store.transaction(work)
      },
    }
    const { host } = await world({ config: configWith(slow, [segment()]) })
    hold = true
    const empty = { traits: {}, context: {}, integrations: {} }
    const event = { type: 'track', event: 'used', userId: 'u', timestamp: START, receivedAt: START, source: 'test', ...empty } as const
    const before = heapInUse()
    const outcomes: Promise<string>[] = []
    // Half a gigabyte in all.
    for (let index = 0; index < 5_000; index += 1) {
      const properties = { feature: Buffer.alloc(100_000, 97 + (index % 26)).toString('latin1') }
      outcomes.push(
        host.ingest([{ ...event, messageId: `large ${index}`, properties }]).then(
          ([outcome]) => outcome?.status ?? '',
          ({ code }) => code,
        ),
      )
      if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect((heapInUse() - before) / 1_000_000).toBeLessThan(80)
    expect(await readiness(host)).toMatchObject({ status: 503, health: { state: 'overloaded' } })
    release()
    const counts = Map.groupBy(await Promise.all(outcomes), (status) => status)
    const taken = counts.get('accepted')?.length ?? 0
    expect(taken).toBeGreaterThan(200)
    expect(taken).toBeLessThan(500)
    expect(counts.get('BUSY')).toHaveLength(5_000 - taken)
    await host.close()
  }, 60_000)
})

describe('a host that starts', () => {
  it('listens from the beginning: it lives, is not ready, says how far it is, and asks senders to come back', async () => {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { port, close } = await startHost(configWith(sqlite(':memory:'), []), { port: 0, logger: silentLogger })
    await close()
    const slow: Plugin = { ...recorder(), start: () => held }
    const starting = startHost(configWith(sqlite(':memory:'), [slow, segment()]), { port, logger: silentLogger })
    const url = `http://127.0.0.1:${port}`
    const get = async (path: string): Promise<Response> => {
      for (;;) {
        try {
          return await fetch(url + path)
        } catch {
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
    }
    expect((await get('/healthz')).status).toBe(200)
    const ready = await get('/readyz')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ ready: false, state: 'starting' })
    const early = await track({ fetch: (request) => fetch(new Request(url + new URL(request.url).pathname, request)) }, 'm1')
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '5'])

    release()
    const started = await starting
    expect((await get('/readyz')).status).toBe(200)
    expect((await track({ fetch: (request) => fetch(new Request(url + new URL(request.url).pathname, request)) }, 'm1')).status).toBe(200)
    await started.close()
  })

  it('tells how much of the log it has read', async () => {
    const store = sqlite(':memory:')
    const keep: Store = { ...store, async close() {} }
    const { host, does } = await world({ config: configWith(keep, []) })
    for (let index = 0; index < 3; index += 1) await does('u', 'used', { feature: 'A' })
    // As after a crash: no checkpoint has been written.
    const told: unknown[] = []
    const again = await createHost(configWith(keep, []), {
      logger: silentLogger,
      effects: { clock: virtualClock(START) },
      onProgress: (progress) => told.push(progress),
    })
    expect(told[0]).toEqual({ doing: 'reading the log', done: 0, of: 3 })
    await again.close()
    await host.close()
  })
})

describe('a host that closes', () => {
  it('is not ready first, finishes the requests that are under way, and answers new ones with 503', async () => {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow: Plugin = {
      name: 'slow',
      purpose: 'essential',
      routes: [
        {
          method: 'POST',
          path: '/slow',
          async handle(_request, _params, context) {
            await held
            const event = { type: 'track', event: 'used', messageId: 's', userId: 'u', timestamp: START, receivedAt: START } as const
            return Response.json(await context.ingest([{ ...event, properties: { feature: 'A' }, traits: {}, context: {}, integrations: {}, source: 'slow' }]))
          },
        },
      ],
    }
    const { host } = await world({ plugins: [slow, segment()] })
    const underWay = host.fetch(new Request('http://host/slow', { method: 'POST' }))
    const closed = host.close()
    expect(await readiness(host)).toMatchObject({ status: 503, health: { state: 'closing' } })
    const late = await track(host, 'late')
    expect([late.status, late.headers.get('retry-after'), late.headers.get('connection')]).toEqual([503, '1', 'close'])
    release()
    expect(await (await underWay).json()).toEqual([{ status: 'accepted' }])
    await closed
  })

  it('waits for what hangs no longer than it is told, says what it was, and leaves it to the next start', async () => {
    const warned: unknown[] = []
    const hung = new Promise<never>(() => {})
    const stuck: Plugin = {
      name: 'stuck',
      purpose: 'essential',
      routes: [{ method: 'GET', path: '/hang', handle: () => hung }],
      stop: () => hung,
    }
    const clock = virtualClock(START)
    const quiet = { debug() {}, info() {}, error() {} }
    const channel: Plugin = { ...recorder(), channel: { name: 'recorder', reach: 'inside', send: () => hung } }
    const host = await createHost(configWith(sqlite(':memory:'), [stuck, channel]), {
      effects: { clock },
      logger: { ...quiet, warn: (message, fields) => void warned.push([message, fields?.['part']]) },
    })
    const ingest = (messageId: string) =>
      host.ingest([
        {
          type: 'track',
          event: 'used',
          messageId,
          userId: 'u',
          timestamp: START,
          receivedAt: START,
          properties: { feature: 'A' },
          traits: {},
          context: {},
          integrations: {},
          source: 'test',
        },
      ])
    await ingest('1')
    await ingest('2')
    void host.fetch(new Request('http://host/hang'))
    let done = false
    const closed = host.close({ within: 10_000 }).then(() => {
      done = true
    })
    await clock.moveTo(START + 5_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(done).toBe(false)
    for (let time = START; time <= START + 10_000; time += 500) {
      await clock.moveTo(time)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await closed
    expect(new Set(warned.map((one) => (one as string[])[1]).filter((part) => part !== undefined))).toEqual(new Set(['requests', 'deliveries', 'plugin stuck']))
  })
})
