import { gzipSync } from 'node:zlib'
import { memoryContext } from '@waymark/testkit/plugin'
import type { VendorServer } from '@waymark/testkit/vendors'
import { vendorServer } from '@waymark/testkit/vendors'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  basicAuthorization,
  basicCredentials,
  mirror,
  moment,
  onOurClock,
  parseJson,
  post,
  readBody,
  retryAfter,
  tagOf,
  tagsOf,
  withTag,
} from '../src/index.ts'

describe('bodies', () => {
  const limit = { bytes: 1000, mend: 'send less' }
  const request = (body: Uint8Array | string, headers: Record<string, string> = {}) =>
    new Request('http://host/', { method: 'POST', body: body as string, headers })

  it('are given as they were sent and as they read', async () => {
    const packed = gzipSync('{"a":1}')
    const body = await readBody(request(packed, { 'content-encoding': 'gzip' }), limit)
    expect(body).toMatchObject({ ok: true })
    if (body.ok) expect([Buffer.from(body.value.sent).equals(packed), parseJson(body.value.bytes)]).toEqual([true, { a: 1 }])
  })

  it.each([
    ['too much', 'x'.repeat(1001), {}, 413, 'too_large'],
    ['too much once inflated', gzipSync('x'.repeat(100_000)), { 'content-encoding': 'gzip' }, 413, 'too_large'],
    ['what is not compressed', 'x', { 'content-encoding': 'gzip' }, 400, 'bad_encoding'],
    ['an encoding that is unknown', 'x', { 'content-encoding': 'br' }, 415, 'unknown_encoding'],
  ])('are refused for %s', async (_, body, headers, status, code) => {
    expect(await readBody(request(body, headers as Record<string, string>), limit)).toMatchObject({ ok: false, refusal: { status, code } })
  })

  it('that are no JSON are undefined', () => {
    for (const bytes of [[0x22, 0xff, 0x22], [], [0x7b]]) expect(parseJson(Uint8Array.from(bytes))).toBeUndefined()
  })
})

describe('requests', () => {
  let vendor: VendorServer<string>
  beforeEach(async () => {
    vendor = await vendorServer<string>(() => ({ status: 200, body: 'yes' }))
  })
  afterEach(() => vendor.stop())

  it('do not follow a redirect, do not throw, and tell whether they may have arrived', async () => {
    const context = memoryContext()
    vendor.next({ kind: 'answer', status: 302, headers: { location: '/elsewhere' } }, { kind: 'reset' }, { kind: 'silent' })
    expect(await post({ url: vendor.url, body: '{}' }, context)).toMatchObject({ kind: 'answered', status: 302 })
    expect(await post({ url: vendor.url, body: '{}' }, context)).toMatchObject({ kind: 'silent', left: true })
    expect(await post({ url: vendor.url, body: '{}', timeout: 30 }, context)).toMatchObject({ kind: 'silent', left: true })
    expect(await post({ url: vendor.url }, { signal: AbortSignal.abort() })).toMatchObject({ kind: 'silent' })
    await vendor.stop()
    expect(await post({ url: vendor.url }, context)).toMatchObject({ kind: 'silent', left: false, reason: expect.stringContaining('ECONNREFUSED') })
  })

  it('that are mirrored arrive as they came, without what belongs to this host', async () => {
    const headers = new Headers({ authorization: 'Basic x', 'user-agent': 'sdk', cookie: 'secret', 'x-forwarded-for': '10.0.0.1', host: 'ours' })
    const sent = gzipSync('{}')
    expect(await mirror({ method: 'POST', url: 'http://ours/a/b?c=d', headers }, '/b', sent, { to: vendor.url }, memoryContext())).toBeUndefined()
    expect(vendor.requests).toMatchObject([{ method: 'POST', path: '/b', headers: { authorization: 'Basic x', 'user-agent': 'sdk' } }])
    expect([vendor.requests[0]!.sent.equals(sent), vendor.requests[0]!.query.get('c')]).toEqual([true, 'd'])
    expect(vendor.requests[0]!.headers).not.toHaveProperty('cookie')
    expect(vendor.requests[0]!.headers).not.toHaveProperty('x-forwarded-for')
  })
})

describe('headers', () => {
  it('hold credentials that come back', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((user) => !user.includes(':')),
        fc.string({ unit: 'grapheme' }),
        (user, password) => {
          const credentials = basicCredentials(new Headers({ authorization: basicAuthorization(user, password) }))
          expect(credentials).toEqual(user === '' && password === '' ? { user: '', password: '' } : { user, password })
        },
      ),
    )
    expect(basicCredentials(new Headers({ authorization: `Basic ${btoa('wk')}` }))).toEqual({ user: 'wk', password: '' })
    expect(basicCredentials(new Headers())).toBeUndefined()
  })

  it.each([
    ['7', 7000],
    ['86400', 3_600_000],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 9_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('ask to wait: %s', (header, wait) => expect(retryAfter(new Headers({ 'retry-after': header }), 1_000)).toBe(wait))
})

it('reads times, and puts them on our clock', () => {
  expect([moment('1970-01-01T00:00:01Z'), moment(5), moment(''), moment('soon'), moment(1e300), moment(null)]).toEqual([
    1000,
    5,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect([onOurClock(90, 100, 1000), onOurClock(90, undefined, 1000)]).toEqual([990, 90])
})

it('marks what it sent once, and keeps the marks of others', () => {
  const once = withTag({ a: 1 }, tagOf('key'))
  const twice = withTag(withTag(once, tagOf('other')), tagOf('key'))
  expect(tagsOf(once)).toEqual([tagOf('key')])
  expect(tagsOf(twice)).toEqual([tagOf('other'), tagOf('key')])
  expect([tagsOf({}), tagsOf(null), tagsOf({ waymark: { through: 7 } })]).toEqual([[], [], []])
  expect(tagOf('key')).not.toContain('key')
})
