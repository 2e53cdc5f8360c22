import { describeEraser, describeRoutes, describeSink, describeSource } from '@waymark/testkit/plugin'
import { vendorServer } from '@waymark/testkit/vendors'
import { expect, it } from 'vitest'
import { acme } from '../src/acme.ts'

/** Acme itself, as far as its documentation says what it does: it knows copies by `id`, and refuses a list with a bad row as a whole. */
const fakeAcme = () =>
  vendorServer<object>(({ path, query, json }, books) => {
    if (path === '/export') return { status: 200, body: sent.slice(Number(query.get('after'))).slice(0, 2) }
    if (path !== '/events') return { status: 200 }
    const items = (json as { id: string }[]).map((value) => ({ key: value.id, value }))
    if (books.refused(items).length > 0) return { status: 400 }
    books.keep(items)
    return { status: 200 }
  })

const made = async () => {
  const receiver = await fakeAcme()
  return { plugin: acme({ url: receiver.url }), receiver }
}
const sent = [
  { id: '1', user: 'ada', name: 'signed_up', at: 1_767_349_000_000, plan: 'pro' },
  { id: '2', user: 'ada', name: 'feature_used', at: 1_767_349_001_000 },
  { id: '3', user: 'bob', name: 'signed_up', at: 1_767_349_002_000, plan: 'free' },
]

describeSink('acme', made)
describeEraser('acme', made)
describeSource('acme', async () => ({ ...(await made()), events: sent.length }))
describeRoutes('acme', async () => ({
  plugin: acme({ url: 'http://127.0.0.1:1' }),
  events: sent.length,
  send: (url) => fetch(`${url}/acme/events`, { method: 'POST', body: JSON.stringify(sent) }),
}))

it('names the option that is wrong', () => {
  expect(() => acme({ url: 'acme.example' })).toThrow(/acme\(\{ url \}\).*http/)
})
