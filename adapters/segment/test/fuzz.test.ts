import type { Running } from '@waymark/testkit/plugin'
import { memoryContext, serve } from '@waymark/testkit/plugin'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { segment } from '../src/index.ts'

let host: Running
beforeAll(async () => void (host = await serve(segment(), memoryContext())))
afterAll(() => host.stop())

const paths = ['/v1/track', '/v1/i', '/v1/p', '/v1/screen', '/v1/g', '/v1/alias', '/v1/batch', '/v1/b', '/v1/import', '/v1/m']
const id = fc.oneof(fc.string(), fc.jsonValue(), fc.constantFrom('u1', 'null', '__proto__', null, 0, -1, '\ud800'))
const time = fc.oneof(
  fc.date({ noInvalidDate: false }).map(String),
  fc.double(),
  fc.constantFrom('2026-01-01T00:00:00Z', null, '', 1e308, -8.64e15),
  fc.jsonValue(),
)
const object = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue())
const message = fc.record(
  {
    type: fc.oneof(fc.constantFrom('track', 'identify', 'page', 'screen', 'group', 'alias'), fc.jsonValue()),
    event: id,
    name: id,
    category: id,
    messageId: id,
    userId: id,
    anonymousId: id,
    previousId: id,
    groupId: id,
    timestamp: time,
    sentAt: time,
    originalTimestamp: time,
    properties: object,
    traits: object,
    context: object,
    integrations: object,
    writeKey: id,
  },
  { requiredKeys: [] },
)
const batch = fc.record(
  { batch: fc.oneof(fc.array(fc.oneof(message, fc.jsonValue())), fc.jsonValue()), context: object, integrations: object, sentAt: time, writeKey: id },
  { requiredKeys: [] },
)
const json = fc.oneof(message, batch, fc.jsonValue()).map((value) => JSON.stringify(value))
const body = fc.oneof(
  { weight: 6, arbitrary: json },
  { weight: 1, arbitrary: json.chain((text) => fc.nat(text.length).map((end) => text.slice(0, end))) },
  { weight: 1, arbitrary: fc.uint8Array() },
)
const headers = fc.record(
  {
    authorization: fc.oneof(
      fc.constant(`Basic ${btoa('wk:')}`),
      fc.base64String().map((text) => `Basic ${text}`),
      fc.constantFrom('Basic', 'Bearer x', '%'),
    ),
    'content-type': fc.constantFrom('application/json', 'text/plain', 'application/x-www-form-urlencoded'),
    'content-encoding': fc.constantFrom('gzip', 'deflate', 'identity', 'br', 'gzip, gzip'),
  },
  { requiredKeys: [] },
)

it('answers any request with JSON, never with an error of its own', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), body, headers, async (path, sent, given) => {
      const response = await fetch(host.url + path, { method: 'POST', body: sent as string, headers: given })
      expect([200, 400, 401, 415]).toContain(response.status)
      expect(await response.json()).toHaveProperty('success', response.status === 200)
    }),
    { numRuns: 1500 },
  )
}, 60_000)
