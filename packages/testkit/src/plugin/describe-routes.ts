import type { Plugin } from '@waymark/core'
import { parseEvent } from '@waymark/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MemoryContext } from './memory-context.ts'
import { memoryContext } from './memory-context.ts'
import type { Running } from './serve.ts'
import { serve } from './serve.ts'
import { describePlugin } from './sound-plugin.ts'

export interface RoutesUnderTest {
  /** New and not started. */
  readonly plugin: Plugin
  /** Sends what a vendor's SDK or webhook sends to the plugin's routes at `url`, the same at each call. */
  send(url: string): Promise<Response>
  /** How many events that makes. */
  readonly events: number
}

/** Holds a source that events are sent to, by SDKs or webhooks, to what every one of them owes a host. */
export function describeRoutes(name: string, make: () => Promise<RoutesUnderTest> | RoutesUnderTest): void {
  describe(`routes of ${name}`, () => {
    let under: RoutesUnderTest
    let context: MemoryContext
    let host: Running
    beforeEach(async () => {
      context = memoryContext()
      under = await make()
      await under.plugin.start?.(context)
      host = await serve(under.plugin, context)
    })
    afterEach(async () => {
      await host.stop()
      await under.plugin.stop?.()
    })
    describePlugin(() => under.plugin)

    it('takes in what was sent, as sound events', async () => {
      expect((await under.send(host.url)).status).toBeLessThan(300)
      expect(context.accepted).toHaveLength(under.events)
      for (const event of context.accepted) {
        expect(parseEvent(event, { source: event.source, receivedAt: event.receivedAt })).toEqual({ ok: true, value: event })
        expect(event.receivedAt).toBe(context.time)
      }
    })

    it('knows what is sent again', async () => {
      await under.send(host.url)
      expect((await under.send(host.url)).status).toBeLessThan(300)
      expect(context.accepted).toHaveLength(under.events)
    })

    it('keeps nothing and lets the host ask the sender to come back when it is full', async () => {
      context.full = true
      expect((await under.send(host.url)).status).toBeGreaterThanOrEqual(500)
      expect([context.accepted, context.kept]).toEqual([[], []])
      context.full = false
      await under.send(host.url)
      expect(context.accepted).toHaveLength(under.events)
    })

    it('answers nonsense without an error of its own', async () => {
      for (const { method, path } of under.plugin.routes ?? []) {
        if (method === 'GET' || method === 'OPTIONS') continue
        for (const body of ['', '{', '[[]]', 'null', '{"batch":7,"events":"x"}', '\u0000\ufffd']) {
          const response = await fetch(host.url + path.replace(/:\w+/g, 'x'), { method, body })
          expect(response.status, `${method} ${path} ${body}`).toBeLessThan(500)
        }
      }
      expect(context.accepted).toEqual([])
    })
  })
}
