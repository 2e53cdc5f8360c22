import { gzipSync } from 'node:zlib'
import type { FakeSegment } from '@waymark/testkit/vendors'
import { fakeSegment } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { segment } from '../src/index.ts'
import { basic, endpoints, track } from './endpoints.ts'

const host = endpoints()
let vendor: FakeSegment
beforeEach(async () => {
  vendor = await fakeSegment()
  await host.restart({ writeKeys: { wk: 'web' }, mirror: { to: vendor.url } })
})
afterEach(() => vendor.stop())

describe('mirror', () => {
  it('passes the original on: method, path, query, headers and the very bytes', async () => {
    const sent = gzipSync(JSON.stringify({ batch: [track()], sentAt: 'x' }))
    const headers = { ...basic('wk:'), 'content-encoding': 'gzip', 'content-type': 'text/plain', 'user-agent': 'sdk/1', 'x-retry-count': '2' }
    expect(await host.post('/segment/v1/batch?x=1', sent, headers)).toMatchObject({ status: 200, body: { success: true } })
    const [arrived] = vendor.requests
    expect(arrived).toMatchObject({ method: 'POST', path: '/v1/batch', headers })
    expect([arrived?.sent.equals(sent), arrived?.query.toString()]).toEqual([true, 'x=1'])
    expect(vendor.stored).toEqual([track()])
    expect(host.context.accepted).toHaveLength(1)
  })

  it('passes single events on as they are', async () => {
    await host.post('/v1/t', track(), { ...basic('wk:'), 'content-type': 'text/plain' })
    expect(vendor.requests).toMatchObject([{ path: '/v1/t', json: track() }])
  })

  it.each([
    ['asks to wait', { kind: 'answer', status: 429, headers: { 'retry-after': '9' } }, 429, '9'],
    ['is down', { kind: 'answer', status: 503, body: 'no' }, 503, null],
    ['cannot be reached', { kind: 'reset' }, 503, '5'],
    ['refuses it', { kind: 'answer', status: 400, body: '{"success":false}' }, 400, null],
  ] as const)('tells the sender when Segment %s, and counts what comes again once', async (_, fault, status, wait) => {
    vendor.next(fault)
    const first = await fetch(`${host.url}/v1/t`, { method: 'POST', headers: basic('wk:'), body: JSON.stringify(track()) })
    expect([first.status, first.headers.get('retry-after'), first.headers.get('access-control-allow-origin')]).toEqual([status, wait, '*'])
    expect((await host.post('/v1/t', track())).status).toBe(200)
    expect([host.context.accepted.length, vendor.stored.length]).toEqual([1, 1])
  })

  it('passes on neither what is not let in nor what the host did not take', async () => {
    expect((await host.post('/v1/t', track(), basic('wrong:'))).status).toBe(401)
    host.context.full = true
    await fetch(`${host.url}/v1/t`, { method: 'POST', headers: basic('wk:'), body: JSON.stringify(track()) })
    expect(vendor.requests).toEqual([])
  })

  it('names its sources so that the sink, which knows them, sends nothing a second time', async () => {
    await host.post('/v1/t', track())
    expect(host.context.accepted).toMatchObject([{ source: 'segment:web' }])
    expect(segment({ writeKeys: { wk: 'web' }, mirror: true }).sourceNames).toEqual(['segment:web'])
  })
})
