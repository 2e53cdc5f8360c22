import { inApp } from '@waymark/channel-in-app'
import { createHost, type Host, type Served, serve, silentLogger, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { configWith, plan, START } from '../host/world.ts'

const { did } = plan.behaviour
const tip = inApp.tooltip({ anchor: '#a', title: 'Go on', body: 'There is more.' })
const clock = virtualClock(START)
let served: Served | undefined
const pages: AbortController[] = []

afterEach(async () => {
  for (const page of pages.splice(0)) page.abort()
  await served?.close()
  served = undefined
})

async function start(): Promise<Host> {
  const host = await createHost(configWith(sqlite(':memory:'), [inApp()], { rules: [plan.rule('tip', { when: did('used').atLeast(1), send: tip })] }), {
    effects: { clock },
    logger: silentLogger,
  })
  served = await serve(host, { port: 0 })
  return host
}

let count = 0
async function uses(host: Host, identity: { userId?: string; anonymousId?: string }): Promise<void> {
  count += 1
  const now = clock.now()
  const rest = { messageId: `m${count}`, timestamp: now, receivedAt: now, traits: {}, context: {}, integrations: {}, source: 'test' }
  await host.ingest([{ type: 'track', event: 'used', properties: { feature: 'A' }, ...identity, ...rest }])
  await host.settled()
}

/** A page that listens: `next` gives what its stream says, one notice after the other. */
async function page(query: string): Promise<{ next(): Promise<{ event: string; data: unknown }>; status: number }> {
  const abort = new AbortController()
  pages.push(abort)
  const response = await fetch(`${served?.url}/inapp/stream?${query}`, { signal: abort.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let buffer = ''
  return {
    status: response.status,
    async next() {
      for (;;) {
        const end = buffer.indexOf('\n\n')
        if (end !== -1) {
          const block = buffer.slice(0, end)
          buffer = buffer.slice(end + 2)
          const event = /^event: (.*)$/m.exec(block)?.[1]
          if (event !== undefined) return { event, data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null') }
          continue
        }
        const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
        if (done) return { event: 'end', data: undefined }
        buffer += value
      }
    },
  }
}

const post = (path: string, body: unknown) => fetch(`${served?.url}${path}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
const shown = (profile: string) => ({ key: `tip:${profile}:${START}`, kind: 'tooltip', content: tip.content })

describe('the stream', () => {
  it('begins with the inbox, tells of new messages, and settles what was answered on another device', async () => {
    const host = await start()
    await uses(host, { userId: 'v' })
    const [phone, laptop, stranger] = await Promise.all([page('userId=u'), page('userId=u'), page('userId=v')])
    expect(await phone.next()).toEqual({ event: 'inbox', data: [] })
    expect(await laptop.next()).toEqual({ event: 'inbox', data: [] })
    expect(await stranger.next()).toEqual({ event: 'inbox', data: [shown('v')] })

    await uses(host, { userId: 'u' })
    expect(await phone.next()).toEqual({ event: 'message', data: shown('u') })
    expect(await laptop.next()).toEqual({ event: 'message', data: shown('u') })

    const { key } = shown('u')
    expect((await post('/inapp/answers', { userId: 'u', key, interaction: 'dismissed' })).status).toBe(200)
    expect(await phone.next()).toEqual({ event: 'settled', data: { key, interaction: 'dismissed' } })
    expect(await laptop.next()).toEqual({ event: 'settled', data: { key, interaction: 'dismissed' } })
    expect(await (await fetch(`${served?.url}/inapp/inbox?userId=u`)).json()).toEqual({ messages: [] })
  })

  it('that a visitor opened goes on as that of the user they turn out to be', async () => {
    const host = await start()
    const visitor = await page('anonymousId=a1')
    expect(await visitor.next()).toEqual({ event: 'inbox', data: [] })
    await uses(host, { anonymousId: 'a1' })
    expect(await visitor.next()).toMatchObject({ event: 'message', data: shown('anon:a1') })
    await uses(host, { userId: 'u', anonymousId: 'a1' })
    const inbox = await visitor.next()
    expect(inbox).toMatchObject({ event: 'inbox', data: [shown('anon:a1')] })
    expect((await post('/inapp/answers', { userId: 'u', key: shown('anon:a1').key, interaction: 'clicked' })).status).toBe(200)
    expect(await visitor.next()).toMatchObject({ event: 'settled' })
  })

  it('that was taken for a user\u2019s shows the visitor their own again, and the user no more of theirs', async () => {
    const host = await start()
    await uses(host, { anonymousId: 'a1' })
    await uses(host, { userId: 'u', anonymousId: 'a1' })
    const [device, user] = await Promise.all([page('anonymousId=a1'), page('userId=u')])
    expect(await device.next()).toEqual({ event: 'inbox', data: [shown('anon:a1')] })
    expect(await user.next()).toEqual({ event: 'inbox', data: [shown('anon:a1')] })
    await host.unmerge('u', 'a1')
    expect(await user.next()).toEqual({ event: 'inbox', data: [] })
    expect(await device.next()).toEqual({ event: 'inbox', data: [shown('anon:a1')] })
    await uses(host, { anonymousId: 'a1' })
    expect((await post('/inapp/answers', { anonymousId: 'a1', key: shown('anon:a1').key, interaction: 'dismissed' })).status).toBe(200)
    expect(await device.next()).toMatchObject({ event: 'settled' })
  })

  it('ends when the host closes', async () => {
    await start()
    const listening = await page('userId=u')
    await listening.next()
    await served?.close()
    expect(await listening.next()).toEqual({ event: 'end', data: undefined })
  })
})

describe('a device that is another user\u2019s', () => {
  it('shows a newcomer nothing of theirs, and takes no answer for them', async () => {
    const host = await start()
    await uses(host, { userId: 'ada', anonymousId: 'device' })
    const newcomer = 'userId=bob&anonymousId=device'
    expect(await (await fetch(`${served?.url}/inapp/inbox?${newcomer}`)).json()).toEqual({ messages: [] })
    const listening = await page(newcomer)
    expect(await listening.next()).toEqual({ event: 'inbox', data: [] })
    expect((await post('/inapp/answers', { userId: 'bob', anonymousId: 'device', key: shown('ada').key, interaction: 'dismissed' })).status).toBe(404)
    await uses(host, { userId: 'bob', anonymousId: 'device' })
    expect(await listening.next()).toEqual({ event: 'message', data: shown('bob') })
  })
})

describe('an answer', () => {
  it('to a message of somebody else, or none, is not found and changes nothing', async () => {
    const host = await start()
    await uses(host, { userId: 'u' })
    const { key } = shown('u')
    expect((await post('/inapp/answers', { userId: 'v', key, interaction: 'dismissed' })).status).toBe(404)
    expect((await post('/inapp/answers', { userId: 'u', key: 'none', interaction: 'dismissed' })).status).toBe(404)
    expect(await (await fetch(`${served?.url}/inapp/inbox?userId=u`)).json()).toEqual({ messages: [shown('u')] })
  })

  it('that goes on and on is refused before it is read to its end', async () => {
    await start()
    let given = 0
    const body = new ReadableStream({
      pull(controller) {
        given += 1
        if (given > 1_000) controller.close()
        else controller.enqueue(new Uint8Array(64 * 1024).fill(32))
      },
    })
    const plugin = inApp()
    const route = plugin.routes?.find(({ method }) => method === 'POST')
    const request = new Request('http://host/inapp/answers', { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect((await route?.handle(request, {}, {} as never))?.status).toBe(413)
    expect(given).toBeLessThan(10)
  })

  it.each([
    ['{', 'NOT_JSON'],
    ['[]', 'NOT_AN_OBJECT'],
    [{ userId: 'u', interaction: 'seen' }, 'NO_KEY'],
    [{ userId: 'u', key: 'k', interaction: 'constructor' }, 'UNKNOWN_INTERACTION'],
    [{ key: 'k', interaction: 'seen' }, 'NO_IDENTITY'],
  ])('that cannot be read is refused with its reason: %j', async (body, code) => {
    await start()
    const response = await post('/inapp/answers', body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ success: false, code })
  })
})

it('tells browsers of other origins that they may ask', async () => {
  await start()
  const preflight = await fetch(`${served?.url}/inapp/answers`, { method: 'OPTIONS' })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
  expect((await fetch(`${served?.url}/inapp/stream`)).status).toBe(400)
})

it('says what is wrong with a message when the config is loaded', () => {
  const check = inApp().channel?.check
  expect(check?.('tooltip', tip.content)).toEqual([])
  expect(check?.('popup', {})).toEqual(["'popup' is no in-app message: use tooltip, modal, banner"])
  expect(check?.('tooltip', { title: 'x', body: ' ' })).toEqual(['anchor: a tooltip needs one; give it a text', 'body: a tooltip needs one; give it a text'])
  expect(check?.('banner', { body: 'x', place: 'top' })).toEqual(['place: a banner has no such field; it takes body, title, action, position'])
  expect(check?.('modal', { title: 'x', body: 'x', action: { label: 'Go', url: ' java\nscript:alert(1)' } })?.[0]).toMatch(
    /^action\.url: 'javascript:' is not allowed/,
  )
  expect(check?.('modal', { title: 'x', body: 'x', action: { label: 'Go', url: '/help' } })).toEqual([])
})
