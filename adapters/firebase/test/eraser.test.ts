import type { Json, Subject } from '@waymark/core'
import type { MemoryContext } from '@waymark/testkit/plugin'
import { memoryContext, watchConnections } from '@waymark/testkit/plugin'
import type { FakeFirebase, FakeFirestore } from '@waymark/testkit/vendors'
import { fakeFirebase, fakeFirestore } from '@waymark/testkit/vendors'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FirebaseOptions } from '../src/index.ts'
import { firebase } from '../src/index.ts'
import { event, INSTANCE } from './events.ts'

const connections = watchConnections()
afterAll(() => {
  connections.end()
  expect(connections.elsewhere).toEqual([])
})

let context: MemoryContext
let google: FakeFirebase
let firestore: FakeFirestore
beforeEach(async () => {
  context = memoryContext()
  google = await fakeFirebase()
  firestore = await fakeFirestore()
  vi.stubEnv('FIREBASE_AUTH_EMULATOR_HOST', google.host)
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', firestore.host)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await firestore.stop()
  await google.stop()
})

const access = { project: 'demo', accessToken: async () => 'token' }
const subject: Subject = { profile: 'u1', userIds: ['u1'], anonymousIds: [INSTANCE, '12.34', 'one-of-ours'] }
const bigquery = () => ({ dataset: 'analytics_1', apiEndpoint: google.url })

async function erase(options: FirebaseOptions, whom: Subject = subject) {
  const plugin = firebase({ receive: false, google: access, ...options })
  const receipt = await plugin.eraser!.erase(whom, context)
  return { plugin, receipt }
}

describe('eraser', () => {
  it('asks Google Analytics for each id that is its own, and confirms when its time is up', async () => {
    const { plugin, receipt } = await erase({ eraser: { property: '123', host: google.url } })
    expect(google.deletions).toEqual([{ userId: 'u1' }, { appInstanceId: INSTANCE }, { clientId: '12.34' }])
    expect(google.requests[0]).toMatchObject({ path: '/v1alpha/properties/123:submitUserDeletion', headers: { authorization: 'Bearer token' } })
    expect(receipt).toMatchObject({ status: 'requested', checkAfterMs: 65 * 86_400_000 })
    const { reference } = receipt as { reference: Json }
    expect(await plugin.eraser!.check!(reference, context)).toMatchObject({ status: 'requested' })
    context.time += 65 * 86_400_000
    expect(await plugin.eraser!.check!(reference, context)).toMatchObject({ status: 'confirmed' })
  })

  it.each([
    [503, { status: 'retry', reason: 'Analytics Admin answered 503' }],
    [403, { status: 'failed', reason: expect.stringContaining('Editor') }],
    [404, { status: 'failed', reason: expect.stringContaining('eraser.property') }],
  ])('says what came of an answer of %i', async (status, expected) => {
    google.next({ kind: 'answer', status })
    expect((await erase({ eraser: { property: '123', host: google.url } })).receipt).toEqual(expected)
  })

  it('firebase 22: deleteUser twice ok', async () => {
    google.users.set('u1', { localId: 'u1' })
    const confirmed = { status: 'confirmed', detail: 'Firebase Authentication: gone' }
    expect((await erase({ eraser: { auth: true } })).receipt).toEqual(confirmed)
    expect([...google.users.keys()]).toEqual([])
    expect((await erase({ eraser: { auth: true } })).receipt).toEqual(confirmed)
  })

  it('deletes the rows of all tables, and tries again while they still stream in', async () => {
    const table = { rows: [{ user_id: 'u1' }, { user_pseudo_id: INSTANCE }, { user_id: 'u2' }], changed: 1, isStreaming: true }
    google.bigquery.tables.set('events_20260101', table)
    google.bigquery.tables.set('others', { rows: [{ user_id: 'u1' }], changed: 1 })
    const options = { bigquery: bigquery(), eraser: { bigquery: true } }
    expect((await erase(options)).receipt).toMatchObject({ status: 'retry', afterMs: 90 * 60_000 })
    table.isStreaming = false
    expect((await erase(options)).receipt).toEqual({ status: 'confirmed', detail: 'BigQuery: rows deleted' })
    expect(table.rows).toEqual([{ user_id: 'u2' }])
    expect(google.bigquery.tables.get('others')!.rows).toHaveLength(1)
  })
})

describe('memberships', () => {
  it('firebase 24: uid "a/b" encoded', async () => {
    const plugin = firebase({ receive: false, google: { project: 'demo' }, memberships: {} })
    const member = (userId: string, traits: Record<string, string | null>) => event({ type: 'identify', source: 'waymark', userId, traits })
    const ids = ['a/b', '.', '__x__', 'é'.repeat(400)]
    const outcomes = await plugin.sink!.deliver([...ids.map((id) => member(id, { waymark_engagement: 'engaged' })), event()], context)
    expect(outcomes.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered', 'delivered', 'delivered'])
    expect(firestore.paths().slice(0, 3)).toEqual(['waymark_memberships/a%2Fb', 'waymark_memberships/%2E', 'waymark_memberships/%5F%5Fx%5F%5F'])
    expect(firestore.paths()[3]).toMatch(/sha256-[0-9a-f]{64}$/)

    await plugin.sink!.deliver([member('a/b', { waymark_explorer: null })], context)
    expect(firestore.fieldsOf('waymark_memberships/a%2Fb')).toMatchObject({
      segments: { mapValue: { fields: { engagement: { stringValue: 'engaged' }, explorer: { nullValue: 'NULL_VALUE' } } } },
    })
    expect(await plugin.eraser!.erase({ profile: 'a/b', userIds: ['a/b'], anonymousIds: ['gone'] }, context)).toMatchObject({ status: 'confirmed' })
    expect(firestore.paths()).not.toContain('waymark_memberships/a%2Fb')
    await plugin.stop!()
  })
})

describe('emulators', () => {
  it('firebase 25: emulator env in production -> refuse', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const plugin = firebase({ google: access, auth: {}, eraser: { auth: true } })
    expect(() => plugin.start!(context)).toThrow(/NODE_ENV is production, and FIREBASE_AUTH_EMULATOR_HOST/)
    await expect(plugin.probe!()).rejects.toThrow(/FIREBASE_AUTH_EMULATOR_HOST/)
    expect(await plugin.eraser!.erase(subject, context)).toMatchObject({ status: 'retry', reason: expect.stringContaining('emulator') })
    await expect(plugin.sources![0]!.pull(undefined, context)[Symbol.asyncIterator]().next()).rejects.toThrow(/emulator/)
    vi.stubEnv('FIREBASE_AUTH_EMULATOR_HOST', '')
    vi.stubEnv('FIRESTORE_EMULATOR_HOST', '')
    plugin.start!(context)
  })
})
