import { memoryContext, sampleEvent, serve } from '@waymark/testkit/plugin'
import { fakeMixpanel } from '@waymark/testkit/vendors'
import { expect, it } from 'vitest'
import { mixpanel } from '../src/index.ts'

const serviceAccount = { username: 'svc', secret: 's', projectId: '42' }

it.each<[string, object, string]>([
  ['an option that does not exist', { token: 'x' }, 'token'],
  ['one of a part', { sink: { token: 'T', hosts: '' } }, 'sink.hosts'],
  ['no token', { sink: {} }, 'sink.token'],
  ['an empty list of tokens', { tokens: [] }, 'tokens'],
  ['an unknown region', { region: 'mars' }, 'region'],
  ['an unknown identity merge', { identity: 'new' }, 'identity'],
  ['a host without a scheme', { sink: { token: 'T', host: 'localhost:1' } }, 'sink.host'],
  ['an export without a service account', { export: { since: '2026-01-01' } }, 'serviceAccount'],
  ['a day that is none', { serviceAccount, export: { since: 'May' } }, 'export.since'],
  ['an overlap beyond what the host remembers', { serviceAccount, export: { since: '2026-01-01', overlapDays: 7 } }, 'export.overlapDays'],
  ['a timezone that is none', { serviceAccount, export: { since: '2026-01-01', timezone: 'Mars/Base' } }, 'export.timezone'],
  ['cohorts without a password', { cohorts: { username: 'u' } }, 'cohorts.password'],
  ['an eraser without its token', { eraser: { token: 'T' } }, 'eraser.oauthToken'],
])('names %s, and how to mend it', (_, options, place) => {
  let thrown: unknown
  try {
    mixpanel(options)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({ code: 'MIXPANEL_OPTION_INVALID', place: `mixpanel.${place}`, mend: expect.stringMatching(/\w/) })
})

it('maps single events as it is told, both ways, and does not take in again what it sent out', async () => {
  const context = memoryContext()
  const vendor = await fakeMixpanel({ now: () => context.time })
  const mapping = { incoming: { 'Signed Up': 'signed_up' }, outgoing: { sample_done: 'Sample Done', heartbeat: false } } as const
  const plugin = mixpanel({ tokens: ['TOK'], mapping, sink: { token: 'TOK', host: vendor.url, learned: ['memberships'] } })
  expect(plugin.sink?.learned).toEqual(['memberships'])
  const outcomes = await plugin.sink!.deliver([sampleEvent(1), sampleEvent(2, { event: 'heartbeat' })], context)
  expect(outcomes.map(({ status }) => status)).toEqual(['delivered', 'delivered'])
  expect(vendor.stored.map((one) => one['event'])).toEqual(['Sample Done'])

  const host = await serve(plugin, context)
  const own = vendor.stored.map((one) => ({ event: one['event'], properties: { ...(one['properties'] as object), token: 'TOK' } }))
  const theirs = { event: 'Signed Up', properties: { token: 'TOK', distinct_id: 'u1' } }
  expect(await (await fetch(`${host.url}/track`, { method: 'POST', body: JSON.stringify([...own, theirs]) })).text()).toBe('1')
  expect(context.accepted.map(({ event }) => event)).toEqual(['signed_up'])
  await host.stop()
  await vendor.stop()
})
