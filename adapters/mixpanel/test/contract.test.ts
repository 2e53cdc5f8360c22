import { describeEraser, describeRoutes, describeSink, describeSource } from '@waymark/testkit/plugin'
import { fakeMixpanel } from '@waymark/testkit/vendors'
import { mixpanel } from '../src/index.ts'

const NOON = Date.UTC(2026, 0, 2, 12)
const serviceAccount = { username: 'svc', secret: 'secret', projectId: '42' }

describeSink('mixpanel', async () => {
  const receiver = await fakeMixpanel({ now: () => NOON })
  return { receiver, plugin: mixpanel({ receive: false, sink: { token: 'TOK', host: receiver.url } }) }
})

const event = (fields: object) => ({ event: 'Signed Up', properties: { token: 'TOK', distinct_id: 'u1', time: NOON / 1000, ...fields } })

describeRoutes('mixpanel, for events', () => ({
  plugin: mixpanel({ tokens: { TOK: 'web' }, cohorts: { username: 'u', password: 'p' } }),
  events: 2,
  send: (url) => fetch(`${url}/track?verbose=1`, { method: 'POST', body: JSON.stringify([event({ $insert_id: 'a' }), event({ $insert_id: 'b' })]) }),
}))

describeRoutes('mixpanel, for profiles', () => ({
  plugin: mixpanel({ tokens: { TOK: 'web' } }),
  events: 1,
  // Set once: all else of a profile is an update each time it comes.
  send: (url) => fetch(`${url}/engage`, { method: 'POST', body: JSON.stringify([{ $token: 'TOK', $distinct_id: 'u1', $set_once: { plan: 'pro' } }]) }),
}))

describeSource('the export of mixpanel', async () => {
  const receiver = await fakeMixpanel({ now: () => NOON })
  for (const [index, day] of ['2025-12-31', '2026-01-01', '2026-01-02'].entries()) {
    const rows = Array.from({ length: index === 1 ? 1200 : 2 }, (_, row) => ({
      event: 'Signed Up',
      properties: { time: Date.parse(day) / 1000 + row, distinct_id: `u${row}`, $insert_id: `id-${row}` },
    }))
    receiver.days.set(day, [...rows, rows[0]])
  }
  const plugin = mixpanel({ receive: false, serviceAccount, export: { since: '2025-12-31', host: receiver.url } })
  return { receiver, plugin, events: 1204 }
})

describeSource('the profiles of mixpanel', async () => {
  const receiver = await fakeMixpanel({ now: () => NOON })
  receiver.profiles.push(...Array.from({ length: 1500 }, (_, row) => ({ $distinct_id: `u${row}`, $properties: { $email: `u${row}@example.com` } })))
  return { receiver, plugin: mixpanel({ receive: false, serviceAccount, profiles: { host: receiver.url } }), events: 1500 }
})

describeEraser('mixpanel', async () => {
  const receiver = await fakeMixpanel()
  return {
    receiver,
    plugin: mixpanel({ receive: false, eraser: { token: 'TOK', oauthToken: 'oauth', host: receiver.url } }),
    finish: () => void (receiver.deletion = { ...receiver.deletion, status: 'SUCCESS' }),
  }
})
