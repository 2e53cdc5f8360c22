import type { Json, SourcePage } from '@waymark/core'
import type { MemoryContext } from '@waymark/testkit/plugin'
import { memoryContext, watchConnections } from '@waymark/testkit/plugin'
import type { ExportRow, FakeFirebase, FakeFirestore } from '@waymark/testkit/vendors'
import { fakeFirebase, fakeFirestore } from '@waymark/testkit/vendors'
import { deleteApp, initializeApp } from 'firebase-admin/app'
import { getFirestore } from 'firebase-admin/firestore'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BigQueryOptions, CollectionOptions } from '../src/index.ts'
import { firebase } from '../src/index.ts'
import { INSTANCE, NOW } from './events.ts'

const connections = watchConnections()
afterAll(() => {
  connections.end()
  expect(connections.elsewhere).toEqual([])
})

let context: MemoryContext
let google: FakeFirebase
const stops: (() => unknown)[] = []
beforeEach(async () => {
  context = memoryContext()
  google = await fakeFirebase()
  vi.stubEnv('FIREBASE_AUTH_EMULATOR_HOST', google.host)
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  vi.unstubAllEnvs()
  await google.stop()
})

const access = { project: 'demo', accessToken: async () => 'token' }

/** Pulls as a host does: takes in each page before the next; gives back the cursor it ends at. */
async function pull(pages: AsyncIterable<SourcePage>, cursor?: Json): Promise<{ cursor: Json | undefined; pages: SourcePage[] }> {
  const all: SourcePage[] = []
  let last = cursor
  for await (const page of pages) {
    all.push(page)
    await context.ingest(page.events)
    last = page.cursor ?? last
  }
  return { cursor: last, pages: all }
}

describe('BigQuery', () => {
  const int = (int_value: string | number) => ({ string_value: null, int_value, float_value: null, double_value: null })
  const text = (string_value: string) => ({ string_value, int_value: null, float_value: null, double_value: null })
  const row = (fields: ExportRow = {}): ExportRow => ({
    event_date: '20260101',
    event_timestamp: String((NOW - 3_600_000) * 1000),
    event_name: 'level_up',
    event_params: [],
    user_pseudo_id: INSTANCE,
    stream_id: '77',
    platform: 'ANDROID',
    event_bundle_sequence_id: '5',
    batch_event_index: 1,
    ...fields,
  })
  const source = (options: Partial<BigQueryOptions> = {}) =>
    firebase({ receive: false, google: access, bigquery: { dataset: 'analytics_1', apiEndpoint: google.url, ...options } }).sources![0]!

  it('firebase 11: BQ 9007199254740993 exact', async () => {
    google.bigquery.tables.set('events_20260101', {
      rows: [
        row({
          event_params: [
            { key: 'big', value: int('9007199254740993') },
            { key: 'small', value: int('42') },
          ],
        }),
      ],
      changed: 1,
    })
    await pull(source().pull(undefined, context))
    expect(context.accepted[0]).toMatchObject({
      event: 'level_up',
      anonymousId: INSTANCE,
      timestamp: NOW - 3_600_000,
      properties: { big: '9007199254740993', small: 42 },
    })
  })

  it('firebase 12: same row daily+intraday -> once', async () => {
    google.bigquery.tables.set('events_intraday_20260101', { rows: [row()], changed: 1 })
    const first = await pull(source().pull(undefined, context))
    expect(context.accepted).toHaveLength(1)
    google.bigquery.tables.set('events_20260101', { rows: [row(), row({ event_name: 'late_one' })], changed: 2 })
    await pull(source().pull(first.cursor, context))
    expect(context.accepted.map(({ event }) => event)).toEqual(['level_up', 'late_one'])
    // The day's own table is read in place of the other.
    expect(google.bigquery.queries).toHaveLength(2)
    expect(google.bigquery.queries[1]).toContain('events_20260101')
  })

  it('firebase 13: int_value 0 kept', async () => {
    google.bigquery.tables.set('events_20260101', {
      rows: [
        row({
          event_params: [
            { key: 'score', value: int(0) },
            { key: 'empty', value: text('') },
          ],
        }),
      ],
      changed: 1,
    })
    await pull(source().pull(undefined, context))
    expect(context.accepted[0]!.properties).toEqual({ score: 0, empty: '' })
  })

  it('goes by page tokens, says the bytes first, and goes on in the middle after a restart', async () => {
    const rows = Array.from({ length: 5 }, (_, index) => row({ batch_event_index: index }))
    google.bigquery.tables.set('events_20260101', { rows, changed: 1 })
    const told: unknown[] = []
    const watched = { ...context, log: { ...context.log, info: (_: string, fields?: object) => void told.push(fields) } }
    const pages: SourcePage[] = []
    for await (const page of source({ pageRows: 2 }).pull(undefined, watched)) {
      pages.push(page)
      if (pages.length === 2) break
    }
    expect(told).toEqual([{ table: 'events_20260101', bytes: 5000 }])
    expect(google.bigquery.dryRuns).toEqual(google.bigquery.queries)
    expect(pages.map(({ progress }) => progress)).toEqual(['events_20260101 (table 1 of 1): 2 of 5 rows', 'events_20260101 (table 1 of 1): 4 of 5 rows'])
    const rest = await pull(source({ pageRows: 2 }).pull(pages[1]!.cursor, context))
    expect(rest.pages.map(({ events }) => events.length)).toEqual([1])
    expect(google.bigquery.queries).toHaveLength(1)
    // A day later BigQuery has the result no longer.
    const gone = { ...(pages[1]!.cursor as { at: object }), at: { ...(pages[1]!.cursor as { at: object }).at, job: 'gone' } } as Json
    expect((await pull(source({ pageRows: 2 }).pull(gone, context))).pages.map(({ events }) => events.length)).toEqual([2, 2, 1])
  })

  it('looks at the last 4 days again, but reads only what has changed', async () => {
    for (const day of [1, 2, 3, 4, 5, 6]) google.bigquery.tables.set(`events_2026010${day}`, { rows: [row({ event_name: `day_${day}` })], changed: 1 })
    const first = await pull(source({ from: '2026-01-02' }).pull(undefined, context))
    expect(context.accepted.map(({ event }) => event)).toEqual(['day_2', 'day_3', 'day_4', 'day_5', 'day_6'])
    google.bigquery.tables.set('events_20260102', { rows: [row({ event_name: 'too_old' })], changed: 2 })
    google.bigquery.tables.set('events_20260104', { rows: [row({ event_name: 'day_4' }), row({ event_name: 'late' })], changed: 2 })
    await pull(source({ from: '2026-01-02' }).pull(first.cursor, context))
    expect(google.bigquery.queries).toHaveLength(6)
    expect(context.accepted.map(({ event }) => event).slice(5)).toEqual(['late'])
  })

  it('costs no more than it may', async () => {
    google.bigquery.tables.set('events_20260101', { rows: [row(), row()], changed: 1 })
    await expect(pull(source({ maximumBytesBilled: 1500 }).pull(undefined, context))).rejects.toThrow('bytes billed')
  })

  it('makes screens, identify and alias of rows, and hears nothing of nobody', async () => {
    const plan = (value: string) => [{ key: 'plan', value: { ...text(value), set_timestamp_micros: '1767000000000000' } }]
    google.bigquery.tables.set('events_20260101', {
      changed: 1,
      rows: [
        row({
          event_name: 'screen_view',
          event_params: [{ key: 'firebase_screen', value: text('Start') }],
          user_id: 'u1',
          user_properties: plan('pro'),
          batch_event_index: 2,
        }),
        row({
          user_id: 'u1',
          user_properties: plan('pro'),
          batch_event_index: 3,
          geo: { country: 'Norway' },
          privacy_info: { analytics_storage: 'Yes', ads_storage: 'No' },
        }),
        row({ user_pseudo_id: null }),
      ],
    })
    await pull(source().pull(undefined, context))
    expect(context.accepted.map(({ type }) => type)).toEqual(['alias', 'identify', 'screen', 'track'])
    expect(context.accepted).toMatchObject([
      { previousId: INSTANCE, userId: 'u1' },
      { traits: { plan: 'pro' } },
      { name: 'Start' },
      {
        context: {
          location: { country: 'Norway' },
          firebase: { stream: '77', appInstanceId: INSTANCE },
          consent: { categoryPreferences: { analytics: true, ad_user_data: false } },
        },
      },
    ])
    expect(context.kept).toEqual([])
  })
})

describe('Auth users', () => {
  const source = (options = {}) => firebase({ receive: false, google: access, auth: options }).sources![0]!
  const user = (localId: string, fields = {}) => ({ localId, email: `${localId}@example.com`, createdAt: '1767000000000', ...fields })

  it('lists by page, identifies who is new or changed, and notices who is gone', async () => {
    for (const id of ['a', 'b', 'c']) google.users.set(id, user(id))
    const polled = source({ pageUsers: 2 })
    const first = await pull(polled.pull(undefined, context))
    expect(first.pages.map(({ events }) => events.length)).toEqual([2, 1])
    expect(context.accepted[0]).toMatchObject({
      type: 'identify',
      userId: 'a',
      traits: { email: 'a@example.com', disabled: false, createdAt: '2025-12-29T09:20:00.000Z' },
    })

    google.users.set('b', user('b', { disabled: true }))
    google.users.delete('c')
    await pull(polled.pull(first.cursor, context))
    expect(context.accepted.slice(3)).toMatchObject([
      { type: 'identify', userId: 'b', traits: { disabled: true } },
      { type: 'track', event: 'account_deleted', userId: 'c' },
    ])
    // What a user returns to is news again; a restart is not.
    google.users.set('b', user('b'))
    await pull(polled.pull({}, context))
    expect(context.accepted).toHaveLength(6)
    await pull(source().pull({}, context))
    expect(context.accepted).toHaveLength(6)
  })

  it('goes on at the page it had come to', async () => {
    for (const id of ['a', 'b', 'c']) google.users.set(id, user(id))
    await pull(source().pull({ token: '2' }, context))
    expect(context.accepted.map(({ userId }) => userId)).toEqual(['c'])
  })
})

describe('Firestore', () => {
  let firestore: FakeFirestore
  beforeAll(async () => {
    firestore = await fakeFirestore()
  })
  afterAll(() => firestore.stop())
  beforeEach(() => vi.stubEnv('FIRESTORE_EMULATOR_HOST', firestore.host))

  /** A client as the app itself has one. */
  function app() {
    const made = initializeApp({ projectId: 'demo' }, `app-${context.id()}-${firestore.paths().length}-${stops.length}`)
    stops.push(() => deleteApp(made))
    return getFirestore(made)
  }

  function listen(path: string, options: CollectionOptions, cursor?: Json) {
    const ended = new AbortController()
    const plugin = firebase({ receive: false, google: { project: 'demo' }, firestore: { [path]: options } })
    stops.push(() => plugin.stop!())
    const state = { cursor, ended: Promise.resolve() }
    state.ended = (async () => {
      for await (const page of plugin.sources![0]!.pull(cursor, { ...context, signal: ended.signal })) {
        await context.ingest(page.events)
        state.cursor = page.cursor ?? state.cursor
      }
    })()
    return { state, stop: () => ended.abort() }
  }

  it('firebase 23: listener restart -> no duplicates', async () => {
    const database = app()
    await database
      .collection('orders')
      .doc('o1')
      .set({ userId: 'u1', total: 3, at: new Date(0) })
    const first = listen('orders', { event: 'order_changed' })
    await vi.waitFor(() => expect(context.accepted).toHaveLength(1))
    expect(context.accepted[0]).toMatchObject({
      event: 'order_changed',
      userId: 'u1',
      properties: { total: 3, at: '1970-01-01T00:00:00.000Z', documentId: 'o1' },
    })
    await database.collection('orders').doc('o1').set({ userId: 'u1', total: 4 })
    await vi.waitFor(() => expect(context.accepted).toHaveLength(2))
    first.stop()
    await first.state.ended

    // The host forgets what it has seen: the cursor alone has to tell.
    const { cursor } = first.state
    context = memoryContext()
    await database.collection('orders').doc('o2').set({ userId: 'u2', total: 5 })
    const second = listen('orders', { event: 'order_changed' }, cursor)
    await vi.waitFor(() => expect(context.accepted).toHaveLength(1))
    expect(context.accepted[0]).toMatchObject({ userId: 'u2' })
    second.stop()
    await second.state.ended

    // Without a cursor, the same message ids do.
    const ids = context.accepted.map(({ messageId }) => messageId)
    const third = listen('orders', { event: 'order_changed' })
    await vi.waitFor(() => expect(context.accepted).toHaveLength(2))
    expect(context.accepted.map(({ messageId }) => messageId)).toEqual([...ids, expect.any(String)])
    third.stop()
    await third.state.ended
  })

  it('ends with the listener, so that the host begins it anew', async () => {
    const database = app()
    await database.collection('visits').doc('v1').set({ userId: 'u1' })
    const listening = listen('visits', { event: 'visited' })
    await vi.waitFor(() => expect(context.accepted).toHaveLength(1))
    const failed = expect(listening.state.ended).rejects.toThrow(/not allowed/)
    firestore.breakListeners()
    await failed
    await database.collection('visits').doc('v2').set({ userId: 'u2' })
    const again = listen('visits', { event: 'visited' }, listening.state.cursor)
    await vi.waitFor(() => expect(context.accepted.map(({ userId }) => userId)).toEqual(['u1', 'u2']))
    again.stop()
    await again.state.ended
  })

  it('gives changes to a function, notices removals, and keeps aside what is of nobody', async () => {
    const database = app()
    const listening = listen('users', {
      event: ({ kind, id, data }) =>
        kind === 'modified' ? undefined : { event: `user_${kind}`, ...(data['nobody'] === true ? {} : { userId: decodeURIComponent(id) }) },
    })
    await database.collection('users').doc('a%2Fb').set({ plan: 'pro' })
    await vi.waitFor(() => expect(context.accepted).toMatchObject([{ event: 'user_added', userId: 'a/b' }]))
    await database.collection('users').doc('a%2Fb').set({ plan: 'free' })
    await database.collection('users').doc('a%2Fb').delete()
    await database.collection('users').doc('x').set({ nobody: true })
    await vi.waitFor(() => expect(context.kept).toHaveLength(1))
    expect(context.accepted.slice(1)).toMatchObject([{ event: 'user_removed', userId: 'a/b' }])
    listening.stop()
    await listening.state.ended
  })
})
