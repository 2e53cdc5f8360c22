import { mixpanel } from '@waymark/adapter-mixpanel'
import { definePlan, defineWaymark, type Plugin, type Store } from '@waymark/core'
import { createHost, type Host, silentLogger } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { type FakeMixpanel, fakeMixpanel } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { eventually } from '../../examples/host-app/test/running.ts'

const DAY = 86_400_000
const anything = z.record(z.string(), z.unknown())
const plan = definePlan({ events: { 'Signed Up': anything }, traits: anything })
const serviceAccount = { username: 'svc', secret: 'secret', projectId: '42' }

let vendor: FakeMixpanel
let disk: Store
beforeEach(async () => {
  vendor = await fakeMixpanel()
  disk = sqlite(':memory:')
  await disk.open()
})
afterEach(async () => {
  await vendor.stop()
  await disk.close()
})

/** The disk in the eyes of a process that dies in its `diesAt`th transaction: nothing of that one is written, and nothing after it. */
function mortal(diesAt: number): Store & { readonly isDead: boolean } {
  let transactions = 0
  let isDead = false
  const never = new Promise<never>(() => {})
  return {
    ...disk,
    get isDead() {
      return isDead
    },
    open: async () => {},
    close: async () => {},
    async transaction(work) {
      if (isDead) return never
      transactions += 1
      if (transactions < diesAt) return disk.transaction(work)
      isDead = true
      await disk
        .transaction(async (tx) => {
          await work(tx)
          throw new Error('killed before the commit')
        })
        .catch(() => {})
      return never
    },
  }
}

const start = (plugin: Plugin, store: Store) => createHost(defineWaymark({ plan, plugins: [plugin], store }), { logger: silentLogger, metrics: false })
const logged = async () => (await disk.log(0, 100_000)).flatMap(({ input }) => (input.kind === 'event' ? [input.event] : []))

/** Runs until it dies; then another one goes on where the disk says, to the end. Resolves to how many events the first one left behind. */
async function crashed(make: () => Plugin, diesAt: number, events: number): Promise<number> {
  const store = mortal(diesAt)
  // It is left behind as it is, as a killed process is: nothing it does gets to the disk any more.
  start(make(), store).catch(() => {})
  await eventually(
    async () => store.isDead,
    (isDead) => isDead,
  )
  const before = (await logged()).length
  const second = await start(make(), { ...disk, open: async () => {}, close: async () => {} })
  await eventually(logged, (found) => found.length >= events && second.sources().every(({ state }) => state === 'waiting'))
  await second.close()
  return before
}

const CRASHES = [2, 3, 4, 5]
it.each(['export', 'profiles'] as const)('the %s in a host that dies in the middle of a page: each event once', async (source) => {
  const today = new Date().toISOString().slice(0, 10)
  const yesterday = new Date(Date.now() - DAY).toISOString().slice(0, 10)
  const rows = Array.from({ length: 1200 }, (_, index) => ({
    event: 'Signed Up',
    properties: { time: Date.parse(yesterday) / 1000 + index, distinct_id: `u${index % 50}`, $insert_id: `id-${index}` },
  }))
  // Mixpanel's export holds duplicates.
  vendor.days.set(yesterday, [...rows, ...rows.slice(0, 300)])
  vendor.days.set(today, [{ event: 'Signed Up', properties: { time: Date.parse(today) / 1000, distinct_id: 'u1', $insert_id: 'late' } }])
  vendor.profiles.push(...Array.from({ length: 1201 }, (_, index) => ({ $distinct_id: `u${index}`, $properties: { $email: `u${index}@example.com` } })))
  const parts = { export: { since: yesterday, host: vendor.url }, profiles: { host: vendor.url } }
  const middles: number[] = []
  for (const diesAt of CRASHES) {
    disk = sqlite(':memory:')
    await disk.open()
    middles.push(await crashed(() => mixpanel({ receive: false, serviceAccount, [source]: parts[source] }), diesAt, 1201))
    const ids = (await logged()).map(({ messageId }) => messageId)
    expect([ids.length, new Set(ids).size]).toEqual([1201, 1201])
  }
  expect(middles.some((before) => before > 0 && before < 1201)).toBe(true)
})

it('a cohort sync to a host that dies in the middle of it, and comes again: each change once', async () => {
  const make = () => mixpanel({ receive: false, cohorts: { username: 'mp', password: 'pw' } })
  const page = (number: number) => {
    const members = Array.from({ length: 1000 }, (_, index) => ({ mixpanel_distinct_id: `u${number}-${index}` }))
    const parameters = {
      mixpanel_cohort_id: 7,
      mixpanel_cohort_name: 'Power',
      mixpanel_session_id: 's',
      page_info: { total_pages: 2, page_count: number },
      members,
    }
    const headers = { authorization: `Basic ${btoa('mp:pw')}` }
    return new Request('http://host/mixpanel/cohorts', { method: 'POST', headers, body: JSON.stringify({ action: 'members', parameters }) })
  }
  const sync = async (host: Host, answers: Response[]) => {
    for (const number of [1, 2]) answers.push(await host.fetch(page(number)))
  }
  const middles: number[] = []
  for (const diesAt of [4, 5, 6, 7]) {
    disk = sqlite(':memory:')
    await disk.open()
    const store = mortal(diesAt)
    start(make(), store).then(
      (first) => sync(first, []),
      () => {},
    )
    await eventually(
      async () => store.isDead,
      (isDead) => isDead,
    )
    middles.push((await logged()).length)
    const second = await start(make(), { ...disk, open: async () => {}, close: async () => {} })
    const answers: Response[] = []
    await sync(second, answers)
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const ids = (await logged()).map(({ userId }) => userId)
    expect([ids.length, new Set(ids).size]).toEqual([2000, 2000])
    await second.close()
  }
  expect(middles.some((before) => before > 0 && before < 2000)).toBe(true)
})
