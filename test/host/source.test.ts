import type { CanonicalEvent, Json, Plugin, Source, SourcePage, Store } from '@waymark/core'
import { createHost, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { describe, expect, it } from 'vitest'
import { keptLines } from './lines.ts'
import { fallible } from './store-that-fails.ts'
import { configWith, HOUR, MINUTE, START } from './world.ts'

const SECOND = 1_000

function event(messageId: string, more: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return {
    ...{ type: 'track', event: 'used', properties: { feature: 'A' }, traits: {}, context: {}, integrations: {}, source: 'export' },
    ...{ userId: 'u', messageId, timestamp: START, receivedAt: START, ...more },
  }
}

/** Pages of three events each, whose cursor counts them. */
function page(number: number, more: Partial<SourcePage> = {}): SourcePage {
  return { events: [1, 2, 3].map((one) => event(`p${number}-${one}`)), cursor: { page: number }, progress: `page ${number}`, ...more }
}

/** An export of so many pages that goes on after a cursor. */
function pages(count: number) {
  return async function* (cursor: Json | undefined): AsyncIterable<SourcePage> {
    for (let number = pageOf(cursor) + 1; number <= count; number += 1) yield page(number)
  }
}

function pageOf(cursor: Json | undefined): number {
  return (cursor as { readonly page: number } | undefined)?.page ?? 0
}

function plugin(...sources: readonly Partial<Source>[]): Plugin {
  return { name: 'vendor', purpose: 'analytics', sources: sources.map((source) => ({ name: 'export', pull: pages(0), ...source })) }
}

async function logged(store: Store): Promise<readonly string[]> {
  return (await store.log(0, 1_000_000)).flatMap(({ input }) => (input.kind === 'event' ? [input.event.messageId] : []))
}

async function cursorIn(store: Store, source = 'export'): Promise<Json | undefined> {
  return (JSON.parse((await store.cursor(`source:vendor:${source}`)) ?? '{}') as { readonly cursor?: Json }).cursor
}

/** What is on disk in the eyes of a process that may be killed: then nothing of it gets there any more. */
function mortal(disk: Store): Store & { kill(): void; diesAt: number } {
  let transactions = 0
  let isDead = false
  const never = new Promise<never>(() => {})
  const made = {
    ...disk,
    diesAt: Number.POSITIVE_INFINITY,
    kill() {
      isDead = true
    },
    open: async () => {},
    close: async () => {},
    async transaction<T>(work: Parameters<typeof disk.transaction<T>>[0]): Promise<T> {
      if (isDead) return never
      transactions += 1
      const dies = transactions === made.diesAt
      try {
        return await disk.transaction(async (tx) => {
          const result = await work(tx)
          if (dies) throw new Error('killed before the commit')
          return result
        })
      } catch (error) {
        if (!dies) throw error
        isDead = true
        return never
      }
    },
  }
  return made
}

async function running(
  sources: readonly Partial<Source>[],
  { store = fallible(sqlite(':memory:')) as Store, clock = virtualClock(START, { turns: 30 }) } = {},
) {
  const logger = keptLines()
  const host = await createHost(configWith(store, [plugin(...sources)], { segments: [], rules: [] }), { effects: { clock, random: () => 0 }, logger })
  return { host, clock, store, lines: logger.lines, moves: (milliseconds: number) => clock.moveTo(clock.now() + milliseconds) }
}

describe('a source', () => {
  it('is asked page by page, each on disk with its cursor before the next, and again a minute later from there', async () => {
    const asked: unknown[] = []
    const store = sqlite(':memory:')
    const { host, moves } = await running(
      [
        {
          async *pull(cursor) {
            asked.push(cursor)
            for (const number of [1, 2].map((one) => one + pageOf(cursor))) {
              yield page(number)
              expect(await cursorIn(store)).toEqual({ page: number })
              expect((await logged(store)).slice(-3)).toEqual([`p${number}-1`, `p${number}-2`, `p${number}-3`])
            }
          },
        },
      ],
      { store },
    )
    await moves(0)
    expect(host.sources()).toEqual([
      {
        plugin: 'vendor',
        source: 'export',
        state: 'waiting',
        pages: 2,
        events: 6,
        failures: 0,
        retryAt: START + MINUTE,
        cursorAt: START,
        pageAt: START,
        pulledAt: START,
        progress: 'page 2',
      },
    ])
    await moves(MINUTE)
    expect(asked).toEqual([undefined, { page: 2 }])
    expect(new Set(await logged(store)).size).toBe(12)
    await host.close()
  })

  it('is given its own times: every, and the pause a page asks for', async () => {
    const at: number[] = []
    const clock = virtualClock(START, { turns: 30 })
    const { host, moves } = await running(
      [
        {
          every: HOUR,
          async *pull() {
            for (const number of [1, 2]) {
              at.push(clock.now() - START)
              yield page(number, { pauseMs: 10 * SECOND })
            }
          },
        },
      ],
      { clock },
    )
    await moves(2 * HOUR)
    expect(at).toEqual([0, 10 * SECOND, HOUR + 20 * SECOND, HOUR + 30 * SECOND])
    await host.close()
  })

  it('that throws is asked again from its last cursor, later each time, until it comes further', async () => {
    const at: number[] = []
    let isDown = true
    const clock = virtualClock(START, { turns: 30 })
    const { host, lines, moves } = await running(
      [
        {
          async *pull(cursor) {
            at.push((clock.now() - START) / SECOND)
            if (pageOf(cursor) === 0) yield page(1)
            if (isDown) throw new Error('503 from password=hunter2')
            yield page(2)
          },
        },
      ],
      { clock },
    )
    await moves(2 * HOUR)
    expect(at.slice(0, 9)).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255])
    expect(at.at(-1)! - at.at(-2)!).toBe(900)
    expect(host.sources()[0]).toMatchObject({ state: 'waiting', pages: 1, failures: at.length, reason: 'Error: 503 from password=hunter2', cursorAt: START })
    const errors = lines.filter(({ message }) => message.startsWith('a source threw'))
    expect(errors[0]?.fields).toMatchObject({ plugin: 'vendor', source: 'export', failures: 1, error: 'Error: 503 from password=[redacted]' })
    isDown = false
    await moves(15 * MINUTE)
    expect(host.sources()[0]).toMatchObject({ failures: 0, progress: 'page 2' })
    await host.close()
  })

  it('waits while the host cannot write, and goes on by itself with the very page', async () => {
    const store = fallible(sqlite(':memory:'))
    let pulls = 0
    const { host, moves } = await running(
      [
        {
          async *pull(cursor) {
            pulls += 1
            yield* pages(2)(cursor)
          },
        },
      ],
      { store },
    )
    store.isFull = true
    await moves(10 * MINUTE)
    expect([pulls, await logged(store)]).toEqual([1, []])
    expect(host.sources()[0]).toMatchObject({ state: 'waiting', pages: 0, failures: 0 })
    store.isFull = false
    await moves(30 * SECOND)
    expect([pulls, await logged(store)]).toEqual([1, ['p1-1', 'p1-2', 'p1-3', 'p2-1', 'p2-2', 'p2-3']])
    await host.close()
  })

  it('waits while the host is full', async () => {
    const disk = sqlite(':memory:')
    let opens: Promise<void> = Promise.resolve()
    const store: Store = { ...disk, transaction: (work) => opens.then(() => disk.transaction(work)) }
    const door = Promise.withResolvers<void>()
    let pulls = 0
    const { host, lines, moves } = await running(
      [
        {
          every: MINUTE,
          async *pull(cursor) {
            pulls += 1
            if (pulls > 1) yield* pages(1)(cursor)
          },
        },
      ],
      { store },
    )
    await moves(0)
    opens = door.promise
    const some = (part: number) => host.ingest(Array.from({ length: 1_000 }, (_, index) => event(`m${part}-${index}`)))
    // One commit is under way, and twenty wait.
    const first = some(0)
    await turns(5)
    const all = Promise.all([first, ...Array.from({ length: 20 }, (_, part) => some(part + 1))])
    await moves(MINUTE)
    const waits = lines.filter(({ message }) => message.startsWith('a page of a source could not be written'))
    expect(waits.map(({ level, fields }) => [level, fields['attempt']])).toEqual([['debug', 1]])
    expect(host.sources()[0]).toMatchObject({ state: 'waiting', pages: 0, failures: 0 })
    door.resolve()
    await all
    await moves(SECOND)
    expect([pulls, (await logged(store)).slice(-3)]).toEqual([2, ['p1-1', 'p1-2', 'p1-3']])
    await host.close()
  })

  it('has what does not fit the plan, and what is no event, in quarantine, and the rest taken in', async () => {
    const given = [
      event('good'),
      event('misfit', { properties: { feature: 7 } }),
      { ...event('no-time'), timestamp: 'yesterday' },
      { ...event('large'), properties: { feature: 10n } },
      'nothing',
    ] as unknown as readonly CanonicalEvent[]
    const { host, store, moves } = await running([
      {
        async *pull(cursor) {
          if (cursor === undefined) yield { events: given, cursor: 'end' }
        },
      },
    ])
    await moves(0)
    expect(await logged(store)).toEqual(['good'])
    expect(await cursorIn(store)).toBe('end')
    expect((await store.quarantined({ limit: 10 })).map(({ source, reason }) => `${source}: ${reason}`).sort()).toEqual([
      'export: it cannot be written as JSON',
      'export: timestamp: not a time in epoch milliseconds',
      expect.stringMatching(/^export: used\.properties\.feature/),
      'vendor: a source yields canonical events, which are objects',
    ])
    await host.close()
  })

  it('that yields what is no page is a source that throws', async () => {
    const wrong = [undefined, { events: 'none' }, { events: [], cursor: 10n }]
    for (const one of wrong) {
      const { host, moves } = await running([
        {
          async *pull() {
            yield one as unknown as SourcePage
          },
        },
      ])
      await moves(0)
      expect(host.sources()[0]).toMatchObject({ failures: 1, reason: expect.stringContaining('mend the plugin') })
      await host.close()
    }
  })

  it('of more than a commit holds keeps its cursor behind its events', async () => {
    const many = Array.from({ length: 2_500 }, (_, index) => event(`m${index}`))
    const seen: number[] = []
    const disk = sqlite(':memory:')
    const store: Store = {
      ...disk,
      transaction: (work) =>
        disk.transaction((tx) =>
          work({
            ...tx,
            async setCursor(name, value) {
              if (name.startsWith('source:') && value.includes('end')) seen.push((await tx.history('u')).length)
              return tx.setCursor(name, value)
            },
          }),
        ),
    }
    const { host, moves } = await running(
      [
        {
          async *pull(cursor) {
            if (cursor === undefined) yield { events: many, cursor: 'end' }
          },
        },
      ],
      { store },
    )
    await moves(0)
    expect(seen[0]).toBe(2_500)
    await host.close()
  })
})

describe('a source that waits for news', () => {
  it('is told by its signal when the host closes, and what it gave is on disk', async () => {
    let ended = false
    const { host, clock, store, moves } = await running([
      {
        async *pull(_cursor, { signal }) {
          try {
            yield page(1)
            await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
          } finally {
            ended = true
          }
        },
      },
    ])
    await moves(HOUR)
    expect(host.sources()[0]).toMatchObject({ state: 'pulling', pages: 1, pageAt: START })
    const closing = store.close
    store.close = async () => {}
    await host.close()
    expect([ended, clock.now()]).toEqual([true, START + HOUR])
    expect(await logged(store)).toHaveLength(3)
    await closing()
  })

  it('and does not listen keeps the host no longer than a plugin may take to end', async () => {
    const { host, clock } = await running([
      {
        pull: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }),
      },
    ])
    await clock.moveTo(START)
    let isClosed = false
    const closing = host.close().then(() => {
      isClosed = true
    })
    await clock.moveTo(START + 4_999)
    expect(isClosed).toBe(false)
    await clock.moveTo(START + 5_000)
    await closing
  })
})

describe('after a crash', () => {
  it('at any of its writes, each event is there once and the cursor was never ahead of them', async () => {
    for (let diesAt = 1; diesAt <= 14; diesAt += 1) {
      const disk = sqlite(':memory:')
      await disk.open()
      const clock = virtualClock(START, { turns: 30 })
      const check = async (): Promise<void> => {
        const [there, reached] = [await logged(disk), pageOf(await cursorIn(disk))]
        expect(new Set(there).size).toBe(there.length)
        for (let number = 1; number <= reached; number += 1) for (const one of [1, 2, 3]) expect(there).toContain(`p${number}-${one}`)
      }
      const first = mortal(disk)
      first.diesAt = diesAt
      await Promise.race([running([{ pull: pages(6) }], { store: first, clock }), turns(60)])
      await clock.moveTo(START)
      first.kill()
      await check()
      const { host } = await running([{ pull: pages(6) }], { store: mortal(disk), clock })
      await clock.moveTo(START + MINUTE)
      await check()
      expect(await logged(disk)).toHaveLength(18)
      await host.close()
    }
  })
})

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}
