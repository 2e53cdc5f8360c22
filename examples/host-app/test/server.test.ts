import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Account, Insight, Session } from '../src/server/model.ts'
import { eventually, type Running, run } from './running.ts'

const NOON = Date.UTC(2026, 2, 2, 12)

let running: Running
beforeAll(async () => {
  running = await run(NOON)
})
afterAll(() => running.close())

/** A browser without a screen: it keeps its cookie. */
function visitor() {
  let cookie = ''
  return async <T>(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: T }> => {
    const response = await fetch(running.app.appUrl + path, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
    return { status: response.status, body: (await response.json().catch(() => undefined)) as T }
  }
}

const ada = { name: 'Ada', email: 'ada@example.com', consent: { personalization: true, marketing: false }, timezone: 'Europe/Zurich' }

test('the page, its script and its style come under a strict policy', async () => {
  const page = await fetch(running.app.appUrl)
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(page.status).toBe(200)
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("style-src 'self'")
  expect(policy).toContain(`connect-src 'self' ${running.app.hostUrl}`)
  expect(policy).not.toContain('unsafe')
  for (const [path, type] of [
    ['/app.js', 'text/javascript'],
    ['/style.css', 'text/css'],
    ['/icon.svg', 'image/svg+xml'],
  ] as const) {
    const asset = await fetch(running.app.appUrl + path)
    expect(asset.headers.get('content-type')).toContain(type)
    expect((await asset.text()).length).toBeGreaterThan(100)
  }
})

test('signing up, the introduction, a card, an automation: all of it is kept for its user', async () => {
  const ask = visitor()
  expect((await ask<Session>('GET', '/api/session')).body.account).toBeNull()
  const { body: account } = await ask<Account>('POST', '/api/sign-up', ada)
  expect(account).toMatchObject({ name: 'Ada', step: 'workspace', consent: ada.consent })

  await ask('POST', '/api/onboarding', { step: 'workspace', name: 'Alpine survey' })
  await ask('POST', '/api/onboarding', { step: 'template', template: 'research' })
  await ask('POST', '/api/onboarding', { step: 'rhythm', day: 'Friday' })
  await ask('POST', '/api/automations', { id: 'stamp-done', on: true })
  await ask('POST', '/api/sortings', { word: 'urgent', column: 'doing' })
  await ask('POST', '/api/cards', { text: '- Call the hut\n- Urgent: new ropes' })

  const { workspace, step } = (await ask<Session>('GET', '/api/session')).body.account as Account
  expect(step).toBeUndefined()
  expect(workspace).toMatchObject({ name: 'Alpine survey', reviewDay: 'Friday' })
  expect(workspace.cards.map(({ text, column }) => [text, column])).toEqual([
    ['Plan the interviews', 'todo'],
    ['Visit the first site', 'todo'],
    ['Share what we heard', 'todo'],
    ['Call the hut', 'todo'],
    ['Urgent: new ropes', 'doing'],
  ])
  const last = workspace.cards.at(-1)
  const { body: moved } = await ask<Account>('POST', '/api/cards/move', { id: last?.id, column: 'done' })
  expect(moved.workspace.cards.at(-1)).toMatchObject({ column: 'done', stampedAt: NOON })
})

test('the server reports the sign-up with the choice that was made, and Waymark can say what it knows', async () => {
  const ask = visitor()
  const { body: account } = await ask<Account>('POST', '/api/sign-up', { ...ada, email: 'ada.l@example.com' })
  const insight = await eventually(
    async () => (await ask<Insight>('GET', '/api/insight')).body,
    ({ rules }) => rules.length > 0,
  )
  expect(insight.rules.map(({ id, isTrue }) => [id, isTrue])).toEqual([
    ['advanced-tip', false],
    ['core-benefits', false],
    ['come-back', false],
  ])
  const signedUp = (await running.events(account.id)).find(({ event }) => event === 'signed_up')
  expect(signedUp).toMatchObject({ source: 'server', properties: { plan: 'free' } })
  expect(signedUp?.context).toMatchObject({ timezone: 'Europe/Zurich', consent: { categoryPreferences: { personalization: true, marketing: false } } })
})

test('what is wrong is said in words, and strangers see nothing', async () => {
  const ask = visitor()
  expect(await ask('POST', '/api/sign-up', { ...ada, email: 'nowhere' })).toMatchObject({ status: 400, body: { problem: expect.stringContaining('email') } })
  expect(await ask('POST', '/api/sign-in', { email: 'nobody@example.com' })).toMatchObject({ status: 404 })
  expect(await ask('POST', '/api/cards', { text: 'x' })).toMatchObject({ status: 401 })
  expect(await ask('GET', '/api/insight')).toMatchObject({ status: 401 })
  expect(await ask('POST', '/api/travel', { hours: 5_000 })).toMatchObject({ status: 400 })
  const form = await fetch(`${running.app.appUrl}/api/sign-in`, { method: 'POST', body: new URLSearchParams({ email: ada.email }) })
  expect(form.status).toBe(400)
})
