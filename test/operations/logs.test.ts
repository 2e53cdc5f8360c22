import { segment } from '@waymark/adapter-segment'
import { email } from '@waymark/channel-email'
import { type Logger, type Plugin, WaymarkError } from '@waymark/core'
import { createHost, jsonLogger, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { describe, expect, it } from 'vitest'
import { configWith, plan, recorder, START } from '../host/world.ts'

function collected(level: Parameters<typeof jsonLogger>[0] = 'debug'): { readonly log: Logger; lines(): Record<string, any>[]; text(): string } {
  const raw: string[] = []
  return {
    log: jsonLogger(level, (line) => void raw.push(line)),
    lines: () => raw.map((line) => JSON.parse(line) as Record<string, any>),
    text: () => raw.join('\n'),
  }
}

describe('a line of the log', () => {
  it('is one JSON object with level, time and message, and the fields beside them', () => {
    const { log, lines } = collected()
    log.warn('line one\nline two', { plugin: 'p', count: 3, nothing: undefined, list: [1, { two: 2n }] })
    expect(lines()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        plugin: 'p',
        count: 3,
        list: [1, { two: '2' }],
        message: 'line one\nline two',
      },
    ])
  })

  it('is left out below the level that was asked for', () => {
    const { log, lines } = collected('warn')
    log.debug('no')
    log.info('no')
    log.warn('yes')
    log.error('yes')
    expect(lines().map(({ level }) => level)).toEqual(['warn', 'error'])
  })

  it('keeps a field whose name is taken, under another', () => {
    const { log, lines } = collected()
    log.info('sent', { message: 'key', level: 9, time: 1 })
    expect(lines()[0]).toMatchObject({ message: 'sent', level: 'info', 'fields.message': 'key', 'fields.level': 9, 'fields.time': 1 })
  })

  it('has what an error says, its place and mend, and the errors behind it, but not what a library hung on it', () => {
    const { log, lines } = collected()
    const cause = Object.assign(new TypeError('broken pipe'), { code: 'EPIPE', request: { body: 'everything' } })
    log.error('failed', { error: new WaymarkError('STORE_FULL', 'no room', { place: 'a.db', mend: 'make room', cause }) })
    expect(lines()[0]?.['error']).toMatchObject({
      name: 'WaymarkError',
      code: 'STORE_FULL',
      message: 'no room',
      place: 'a.db',
      mend: 'make room',
      stack: expect.stringContaining('logs.test.ts'),
      cause: { name: 'TypeError', code: 'EPIPE', message: 'broken pipe' },
    })
    expect(JSON.stringify(lines())).not.toContain('everything')
  })

  it('has an end, whatever it is given', () => {
    const { log, text } = collected()
    const circle: Record<string, unknown> = {}
    circle['itself'] = circle
    log.info('x'.repeat(100_000), { circle, long: 'y'.repeat(100_000), many: Array.from({ length: 10_000 }, (_, index) => index), bytes: new Uint8Array(9) })
    expect(text().length).toBeLessThan(50_000)
  })
})

describe('what is left out', () => {
  it.each([
    ['password', 'hunter2'],
    ['smtpPassword', 'hunter2'],
    ['Authorization', 'Basic aHVudGVyMg=='],
    ['api_key', 'hunter2'],
    ['x-api-key', 'hunter2'],
    ['writeKey', 'hunter2'],
    ['accessToken', { value: 'hunter2' }],
    ['client_secret', ['hunter2']],
    ['Set-Cookie', 'hunter2'],
    ['pass', 2],
    ['credentials', 'hunter2'],
  ])('a field named %s, at any depth', (name, value) => {
    const { log, lines } = collected()
    log.info('m', { [name]: value, deep: [{ deeper: { [name]: value } }] })
    expect(lines()[0]).toMatchObject({ [name]: '[redacted]', deep: [{ deeper: { [name]: '[redacted]' } }] })
  })

  it.each([
    ['postgres://waymark:hunter2@db:5432/x failed', 'postgres://[redacted]@db:5432/x failed'],
    ['at smtps://me%40x.org:hu@nter2@mail.example:465', 'at smtps://[redacted]@mail.example:465'],
    ['host=db password=hunter2 user=x', 'host=db password=[redacted] user=x'],
    ['got {"apiKey":"hunter2","a":1}', 'got {"apiKey"=[redacted],"a":1}'],
    ["got { writeKey: 'hunter2' }", 'got { writeKey=[redacted] }'],
    ['GET /x?token=hunter2&b=1', 'GET /x?token=[redacted]&b=1'],
    ['Authorization: Bearer hunter2\nHost: x', 'Authorization: [redacted]\nHost: x'],
    ['Cookie: a=hunter2; b=hunter2', 'Cookie: [redacted]'],
    ['sent bearer hunter2hunter2', 'sent bearer [redacted]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2', '[redacted]'],
    ['550 <ada.l+news@mail.example.org> unknown', '550 <[email]> unknown'],
    [`Unexpected token 'h', "hunter2 {" is not valid JSON`, `Unexpected token 'h', "…" is not valid JSON`],
    [`Unexpected token 'h', ..."{"a": hunter2 bl"... is not valid JSON`, `Unexpected token 'h', "…" is not valid JSON`],
  ])('%s', (said, kept) => {
    const { log, lines } = collected()
    log.error(said, { error: said, nested: { errors: [said] } })
    expect(lines()[0]).toMatchObject({ message: kept, error: kept, nested: { errors: [kept] } })
  })

  it.each([
    'rule tip has key tip:u1:1772445600000',
    'the package @waymark/channel-email is not installed',
    'at run (file:///app/node_modules/.pnpm/@hono+node-server@2.1.9_hono@4.13/node_modules/x/index.js:1:2)',
    'check sink.writeKey, and sink.host for its region',
    'the mail server refuses the password',
    'send it as the user name of basic authorization',
    'http://127.0.0.1:4747/v1/batch?x=1',
  ])('nothing of: %s', (said) => {
    const { log, lines } = collected()
    log.info(said)
    expect(lines()[0]?.['message']).toBe(said)
  })
})

it('secrets that stand in the config, in headers, in errors and in events come up in no line, whatever fails', async () => {
  const CANARY = 'canary7f3a'
  const { log, lines, text } = collected()
  const secret = (name: string): string => `${CANARY}-${name}`
  const fails: Plugin = {
    name: 'fails',
    purpose: 'essential',
    sourceNames: ['fails'],
    sink: {
      async deliver(events, context) {
        context.log.error('the receiver refused a request', {
          request: { headers: { Authorization: `Bearer ${secret('header')}`, 'X-Api-Key': secret('api') }, url: `https://me:${secret('url')}@lake.example` },
          error: Object.assign(new Error(`401 for https://me:${secret('error')}@lake.example`, { cause: new Error(`token=${secret('cause')}`) }), {
            config: { body: events },
          }),
        })
        throw new Error(`connect postgres://waymark:${secret('dsn')}@db failed for ${CANARY}@example.org`)
      },
    },
    routes: [
      {
        method: 'POST',
        path: '/parse',
        async handle(request, _params, context) {
          context.log.info('a request came in', { headers: Object.fromEntries(request.headers), cookies: [secret('cookies')] })
          return Response.json(JSON.parse(await request.text()))
        },
      },
    ],
  }
  const mail = email({
    from: 'Acme <hello@acme.example>',
    // Nobody listens there.
    smtp: `smtp://mailer:${secret('smtp')}@127.0.0.1:1`,
    templates: { hello: { subject: 'Hello', text: 'Hello {{ traits.name }}' } },
    timeout: 2_000,
  })
  const config = configWith(
    sqlite(':memory:'),
    [segment({ writeKeys: { [secret('write-key')]: 'web' } }), mail, fails, recorder([{ status: 'rejected', reason: 'no' }])],
    {
      rules: [
        plan.rule('mail', { when: plan.behaviour.did('signed_up'), send: email.template('hello') }),
        plan.rule('note', { when: plan.behaviour.did('used'), send: { channel: 'recorder', kind: 'note', content: { title: secret('message') } } }),
      ],
      governance: { consent: { unset: { personalization: 'granted', marketing: 'granted' } } },
    },
  )
  const clock = virtualClock(START)
  const host = await createHost(config, { logger: log, effects: { clock } })
  const send = async (path: string, body: unknown, key = secret('write-key')): Promise<number> => {
    const headers = { authorization: `Basic ${btoa(`${key}:`)}`, cookie: `session=${secret('cookie')}`, 'x-api-key': secret('key') }
    const response = await host.fetch(
      new Request(`http://host${path}`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) }),
    )
    return response.status
  }
  const user = `${CANARY}@example.org`
  const about = { userId: user, context: { ip: secret('ip'), note: secret('context') }, traits: { email: user, name: secret('name'), plan: secret('trait') } }
  expect(await send('/v1/identify', { ...about, messageId: '0' })).toBe(200)
  expect(await send('/v1/track', { ...about, event: 'signed_up', properties: {}, messageId: '1' })).toBe(200)
  expect(await send('/v1/track', { ...about, event: 'used', properties: { feature: secret('property') }, messageId: '2' })).toBe(200)
  // What does not fit, what cannot be read, and who may not send.
  await send('/v1/track', { ...about, event: 'used', properties: { feature: { a: secret('misfit') } }, messageId: '3' })
  await send('/v1/track', { ...about, event: 'used', properties: { feature: 'A', seats: secret('misfit') }, messageId: '4' })
  await send('/v1/track', `{"event":"used","secret":${secret('unreadable')}`)
  await send('/v1/track', { ...about, event: 'used', timestamp: secret('time') })
  await send('/v1/track', { ...about, event: 'used' }, secret('wrong-key'))
  expect(await send('/parse', `${secret('body')} is no JSON`)).toBe(500)
  await host.settled()
  await clock.moveTo(START + 3 * 60_000)
  await host.settled()
  await host.close()

  const said = lines().map(({ message }) => message)
  for (const line of [
    'a sink threw',
    'a message was not sent',
    'a route threw',
    'a request came in',
    'the receiver refused a request',
    'events did not fit the plan and are in quarantine',
  ])
    expect(said).toContain(line)
  expect(text().split(CANARY).length - 1, text()).toBe(0)
  // Nor do secrets stand in what anybody may scrape.
  expect(await host.metrics().catch(() => '')).not.toContain(CANARY)
})
