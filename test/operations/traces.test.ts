import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { context, SpanKind, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, NodeTracerProvider, type ReadableSpan, SimpleSpanProcessor, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-node'
import { segment } from '@waymark/adapter-segment'
import type { Message, Plugin } from '@waymark/core'
import { traceIdOf } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { configWith, HOUR, recorder, START, world } from '../host/world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-traces-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const exporter = new InMemorySpanExporter()
let provider: NodeTracerProvider
function register(sampler?: TraceIdRatioBasedSampler): void {
  trace.disable()
  context.disable()
  provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)], ...(sampler === undefined ? {} : { sampler }) })
  provider.register()
}
beforeAll(() => register())
afterEach(() => exporter.reset())

const spans = (name?: string | RegExp): readonly ReadableSpan[] =>
  exporter.getFinishedSpans().filter((span) => name === undefined || (typeof name === 'string' ? span.name === name : name.test(span.name)))
const of = (traceId: string): readonly string[] =>
  spans()
    .filter((span) => span.spanContext().traceId === traceId)
    .map(({ name }) => name)

describe('an event, the decision it brings about and the message', () => {
  it('are one trace, the same whether or not the host is restarted between decision and delivery', async () => {
    const file = join(folder, 'restart.db')
    const channel = recorder([{ status: 'retry', reason: 'not now', afterMs: 60_000 }])
    const first = await world({ config: configWith(sqlite(file), [channel]) })
    await first.does('ada', 'used', { feature: 'A' }, { messageId: 'first' })
    await first.does('ada', 'used', { feature: 'A' }, { messageId: 'second' })
    await first.host.close()
    expect(of(traceIdOf('second'))).toEqual(['waymark decide tip', 'waymark commit', 'waymark ingest', 'waymark send recorder'])
    expect(of(traceIdOf('first'))).toEqual(['waymark commit', 'waymark ingest'])
    exporter.reset()

    const second = await world({ config: configWith(sqlite(file), [channel]), clock: first.clock })
    await second.host.settled()
    await second.clock.moveTo(START + HOUR)
    await second.host.settled()
    await second.host.close()
    expect(channel.sent.map(({ key }) => key)).toEqual([`tip:ada:${START}`])
    expect(of(traceIdOf('second'))).toEqual(['waymark send recorder'])
  })

  it('nest as they came about: the commit in the ingest, the decision in the commit', async () => {
    const { does, host, clock } = await world()
    await does('ada', 'used', { feature: 'A' })
    clock.jumpTo(START + 1)
    await does('ada', 'used', { feature: 'A' }, { messageId: 'brings' })
    const parentOf = (name: string): string | undefined => {
      const span = spans(name).find((one) => one.spanContext().traceId === traceIdOf('brings'))
      return spans().find((one) => one.spanContext().spanId === span?.parentSpanContext?.spanId)?.name
    }
    expect(parentOf('waymark decide tip')).toBe('waymark commit')
    expect(parentOf('waymark commit')).toBe('waymark ingest')
    expect(spans('waymark decide tip')[0]?.attributes).toEqual({ 'waymark.rule': 'tip', 'waymark.outcome': 'sent' })
    await host.close()
  })

  it('where time alone decided, are one trace of their own', async () => {
    const channel = recorder()
    const { does, host, clock } = await world({ config: configWith(sqlite(':memory:'), [channel]) })
    await does('ada', 'signed_up')
    exporter.reset()
    await clock.moveTo(START + 25 * HOUR)
    await host.settled()
    const [message] = channel.sent as [Message]
    expect(message.rule).toBe('come-back')
    expect(of(traceIdOf(message.key))).toEqual(['waymark decide come-back', 'waymark send recorder'])
    await host.close()
  })
})

describe('a request', () => {
  const post = (headers: Record<string, string> = {}) =>
    new Request('http://host/v1/batch', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('any:')}`, ...headers },
      body: JSON.stringify({
        batch: ['m1', 'm2'].map((messageId) => ({ type: 'track', event: 'used', userId: 'ada', messageId, properties: { feature: 'A' } })),
      }),
    })

  it('goes on in the trace that its traceparent names, and its events are linked to it', async () => {
    const { host } = await world({ plugins: [segment(), recorder()] })
    const traceId = 'a1b2c3d4e5f60718293a4b5c6d7e8f90'
    await host.fetch(post({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` }))
    const [request] = spans('POST /v1/batch')
    expect(request?.spanContext().traceId).toBe(traceId)
    expect(request?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7')
    expect(request?.kind).toBe(SpanKind.SERVER)
    expect(request?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/batch',
      'http.response.status_code': 200,
      'waymark.plugin': 'segment',
    })
    expect(spans('waymark ingest').map((span) => span.links.map((link) => link.context.spanId))).toEqual([
      [request?.spanContext().spanId],
      [request?.spanContext().spanId],
    ])
    await host.close()
  })

  it('is part of the span that an instrumented server has made already', async () => {
    const { host } = await world({ plugins: [segment(), recorder()] })
    const outer = trace.getTracer('server').startSpan('HTTP')
    await context.with(trace.setSpan(context.active(), outer), () => host.fetch(post({ traceparent: `00-${'b'.repeat(32)}-${'c'.repeat(16)}-01` })))
    expect(spans('POST /v1/batch')[0]?.parentSpanContext?.spanId).toBe(outer.spanContext().spanId)
    await host.close()
  })
})

describe('what a plugin does', () => {
  it('while it sends is inside the span of the message, so that what it calls can go on with the trace', async () => {
    let seen: string | undefined
    const channel: Plugin = {
      ...recorder(),
      channel: {
        name: 'recorder',
        reach: 'inside',
        async send() {
          seen = trace.getSpanContext(context.active())?.traceId
          throw Object.assign(new Error('secret words'), { code: 'ECONNREFUSED' })
        },
      },
    }
    const { does, host, clock } = await world({ plugins: [channel] })
    await does('ada', 'used', { feature: 'A' })
    clock.jumpTo(START + 1)
    await does('ada', 'used', { feature: 'A' }, { messageId: 'brings' })
    expect(seen).toBe(traceIdOf('brings'))
    expect(spans('waymark send recorder')[0]?.attributes['error.type']).toBe('ECONNREFUSED')
    await host.close()
  })

  it('with a batch of events is a span of its own, linked to the trace of each', async () => {
    const sink: Plugin = { name: 'lake', purpose: 'analytics', sink: { deliver: async (events) => events.map(() => ({ status: 'delivered' })) } }
    const { does, host } = await world({ plugins: [sink] })
    await does('ada', 'used', { feature: 'A' }, { messageId: 'm1' })
    expect(spans('waymark forward lake').map(({ links }) => links.map((link) => link.context.traceId))).toEqual([[traceIdOf('m1')]])
    await host.close()
  })
})

describe('traces', () => {
  it('hold nothing of people and nothing of what events say', async () => {
    const channel = recorder([{ status: 'rejected', reason: 'no mailbox canary-reason' }])
    const { does, host } = await world({ config: configWith(sqlite(':memory:'), [segment(), channel]) })
    const canaries = { messageId: 'canary-message', context: { note: 'canary-context' }, traits: { email: 'canary-trait@example.org' } }
    await does('canary-user', 'used', { feature: 'canary-property' }, { anonymousId: 'canary-visitor' })
    await does('canary-user', 'used', { feature: 'A' }, canaries)
    await does('canary-user', 'canary-event')
    await does('canary-user', 'used', { feature: 'A' })
    await host.fetch(
      new Request('http://host/v1/t?canary-query=1', { method: 'POST', headers: { authorization: `Basic ${btoa('canary-key:')}`, cookie: 'canary-cookie' } }),
    )
    const told = spans().map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links }))
    expect(told.length).toBeGreaterThan(6)
    expect(JSON.stringify(told)).not.toContain('canary')
    await host.close()
  })

  it('are taken or left whole by a sampler that goes by the trace id', async () => {
    register(new TraceIdRatioBasedSampler(0.5))
    const { does, host } = await world()
    for (let user = 0; user < 40; user += 1)
      for (let time = 0; time < 2; time += 1) await does(`u${user}`, 'used', { feature: 'A' }, { messageId: `${user}-${time}` })
    const traces = Map.groupBy(
      spans().map((span) => ({ name: span.name, traceId: span.spanContext().traceId })),
      ({ traceId }) => traceId,
    )
    expect(traces.size).toBeGreaterThan(20)
    expect(traces.size).toBeLessThan(60)
    const decided = [...traces.values()].map((all) => all.map(({ name }) => name)).filter((names) => names.includes('waymark decide tip'))
    expect(decided.length).toBeGreaterThan(5)
    for (const names of decided) expect(names).toEqual(['waymark decide tip', 'waymark commit', 'waymark ingest', 'waymark send recorder'])
    await host.close()
  })

  it('are not made, and nothing else changes, without an SDK', async () => {
    trace.disable()
    context.disable()
    const channel = recorder()
    const { does, host } = await world({ config: configWith(sqlite(':memory:'), [channel]) })
    await does('ada', 'used', { feature: 'A' })
    await does('ada', 'used', { feature: 'A' })
    expect(channel.sent).toHaveLength(1)
    expect(spans()).toEqual([])
    await host.close()
  })
})
