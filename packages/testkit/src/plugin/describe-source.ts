import type { Plugin } from '@waymark/core'
import { parseEvent } from '@waymark/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fault } from '../vendors/fault.ts'
import { FAILING, THROTTLED } from '../vendors/fault.ts'
import type { MemoryContext } from './memory-context.ts'
import { memoryContext } from './memory-context.ts'
import { collect, idsOf, pullAll, sourceOf } from './pull-source.ts'
import type { Receiver } from './receiver.ts'
import { describePlugin, soon } from './sound-plugin.ts'

export interface SourceUnderTest {
  /** New and not started. Each one made finds the same things to fetch. */
  readonly plugin: Plugin
  /** Which of the plugin's sources. Default: its only one. */
  readonly source?: string
  /** How many events there are to be had. At least 3, better on several pages. */
  readonly events: number
  /** What it fetches from, where that can be told to fail. Without it the tests of failures are left out. */
  readonly receiver?: Pick<Receiver, 'next' | 'stop' | 'plays'>
  /** Ends what the test began, where there is no receiver to stop. */
  stop?(): Promise<void>
  /** Brings news to a subscription, whose pull does not end. */
  readonly subscribes?: boolean
}

/** Holds a source that is pulled to its contract. */
export function describeSource(name: string, make: () => Promise<SourceUnderTest> | SourceUnderTest): void {
  describe(`source of ${name}`, () => {
    let under: SourceUnderTest
    let context: MemoryContext
    const start = async () => {
      under = await make()
      await under.plugin.start?.(context)
    }
    const end = async () => {
      await under.plugin.stop?.()
      await under.receiver?.stop()
      await under.stop?.()
    }
    beforeEach(async () => {
      context = memoryContext()
      await start()
    })
    afterEach(end)
    describePlugin(() => under.plugin)

    it('brings everything there is, in sound events, and ends', async () => {
      const pages = await pullAll(under, undefined, context)
      const events = pages.flatMap((page) => page.events)
      expect(idsOf(events).size).toBe(under.events)
      for (const event of events) {
        expect(parseEvent(event, { source: event.source, receivedAt: event.receivedAt })).toEqual({ ok: true, value: event })
        expect(event.source).toMatch(/\S/)
        expect(event.receivedAt).toBeLessThanOrEqual(context.clock.now())
      }
      expect(
        pages.some(({ cursor }) => cursor !== undefined),
        'a page with a cursor',
      ).toBe(true)
    })

    it('has cursors that are plain JSON', async () => {
      for (const { cursor } of await pullAll(under, undefined, context)) {
        if (cursor !== undefined) expect(JSON.parse(JSON.stringify(cursor))).toEqual(cursor)
      }
    })

    it('gives the same events the same message ids when it brings them again', async () => {
      const first = await pullAll(under, undefined, context)
      await end()
      await start()
      const second = await pullAll(under, undefined, context)
      expect(idsOf(second.flatMap(({ events }) => events))).toEqual(idsOf(first.flatMap(({ events }) => events)))
    })

    it('goes on from each of its cursors, after a restart, without losing or inventing anything', async () => {
      const pages = await pullAll(under, undefined, context)
      const all = idsOf(pages.flatMap(({ events }) => events))
      for (const [index, { cursor }] of pages.entries()) {
        if (cursor === undefined) continue
        await end()
        await start()
        const before = pages.slice(0, index + 1).flatMap(({ events }) => events)
        const after = (await pullAll(under, JSON.parse(JSON.stringify(cursor)), context)).flatMap(({ events }) => events)
        expect(idsOf([...before, ...after]), `after page ${index + 1} of ${pages.length}`).toEqual(all)
      }
    })

    it('brings nothing new once it has brought everything', async () => {
      const pages = await pullAll(under, undefined, context)
      const cursor = pages.map((page) => page.cursor).findLast((one) => one !== undefined)
      const all = idsOf(pages.flatMap(({ events }) => events))
      const again = await pullAll({ ...under, events: 0 }, cursor, context)
      for (const id of idsOf(again.flatMap(({ events }) => events))) expect(all).toContain(id)
    })

    it('ends soon when it is no longer wanted, before and while it works', async () => {
      const source = sourceOf(under)
      await soon(collect(source, undefined, { ...context, signal: AbortSignal.abort() }, () => false).catch(() => []))
      const stop = new AbortController()
      if (under.receiver?.plays?.includes('silent') !== false) under.receiver?.next({ kind: 'silent' })
      const work = collect(source, undefined, { ...context, signal: stop.signal }, () => false).catch(() => [])
      setImmediate(() => stop.abort())
      await soon(work)
    })

    it.each<[string, Fault]>([
      ['a line that breaks', { kind: 'reset' }],
      ['a 503', FAILING],
      ['a 429', THROTTLED],
    ])('throws at %s or goes on by itself, and the next pull brings the rest', async (_, fault) => {
      const { receiver } = under
      if (receiver === undefined || receiver.plays?.includes(fault.kind) === false) return
      for (const soundRequests of [0, 1]) {
        // A slow answer of no milliseconds is a sound one, which puts the fault behind it.
        const sound = Array.from({ length: soundRequests }, (): Fault => ({ kind: 'slow', ms: 0 }))
        receiver.next(...sound, fault)
        const events = (await pullAll(under, undefined, context, 'through failures')).flatMap((page) => page.events)
        expect(idsOf(events).size).toBe(under.events)
      }
    })
  })
}
