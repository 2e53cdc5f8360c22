import { type Clock, createEngine, definePlan, type Plugin, type Snapshot, type Store, type WaymarkConfig } from '@waymark/core'
import { createHost, silentLogger, systemClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { z } from 'zod'
import { answer } from '../child.ts'
import { canonical } from '../workload.ts'

/** What some seconds of a host with a million timers came to. */
export interface TimersRun {
  /** How many rang, and in how many seconds. */
  readonly rang: number
  readonly seconds: number
  /** From its moment to when what it changed was on the disk, the slowest hundredth, in milliseconds. */
  readonly lateP99: number
  /** From when a single event was given to the host to its answer, the slowest hundredth, in milliseconds. */
  readonly ingestP99: number
}

const TIMERS = 1_000_000
/** Of those that are not overdue, in a second. */
const DUE_PER_SECOND = 2_000
/** Time to write the timers down and start the host, before the first is due, in milliseconds. */
const HEAD_START = 30_000
const EVENTS_PER_SECOND = 200
const SECONDS = 25
const DAY = 86_400_000

/** One in twenty of those who stay away for a day gets a message. */
const plan = definePlan({ events: { opened: z.object({ plan: z.enum(['free', 'pro']) }) }, traits: z.object({}) })
const { did, inactive, otherwise } = plan.behaviour
const definition: Pick<WaymarkConfig, 'plan' | 'segments' | 'rules' | 'governance'> = {
  plan,
  segments: [plan.segments('presence', { away: inactive('24h'), here: otherwise })],
  rules: [
    plan.rule('come-back', {
      when: inactive('24h').and(did('opened', { plan: 'pro' }).atLeast(1)),
      send: { channel: 'in-app', kind: 'modal', content: { title: 'Come back' } },
    }),
  ],
  governance: { consent: { unset: { personalization: 'granted' } } },
}
const channel: Plugin = {
  name: 'in-app',
  purpose: 'personalization',
  channel: { name: 'in-app', reach: 'inside', concurrency: 50, send: async () => ({ status: 'sent' }) },
}

const [file] = process.argv.slice(2) as [string]
const real = systemClock()
/** When the first timer is due, by the clock of the first host. */
const first = real.now() + HEAD_START

/** A million users, each seen a day before the moment of their timer: as a host's checkpoint would have left them. */
async function prepare(store: Store): Promise<void> {
  await (await createHost({ ...definition, store, plugins: [channel] }, { logger: silentLogger })).close()
  const { segments = [], rules = [], governance = {} } = definition
  const engine = createEngine({ segments, rules, governance, channels: { 'in-app': { purpose: 'personalization', reach: 'inside' } } })
  await store.open()
  for (let from = 0; from < TIMERS; from += 2_000) {
    const snapshots = Array.from({ length: 2_000 }, (_, index): Snapshot & { readonly nextWake?: number } => {
      const user = from + index
      const at = first - DAY + Math.floor((user * 1_000) / DUE_PER_SECOND)
      const event = canonical('opened', `first-${user}`, `user-${user}`, at, { plan: user % 20 === 0 ? 'pro' : 'free' })
      const { profile, nextWake } = engine.step(undefined, `user-${user}`, { kind: 'event', event }, at)
      return { profile, seq: 0, definition: engine.fingerprint, ...(nextWake === undefined ? {} : { nextWake }) }
    })
    await store.transaction((tx) => tx.checkpoint(snapshots))
  }
  await store.close()
}

/** A host on the file for some seconds, its clock so far ahead of the real one, while events of other users come in one by one. */
async function watch(ahead: number): Promise<TimersRun> {
  const clock: Clock = { now: () => real.now() + ahead, at: (time, run) => real.at(time - ahead, run) }
  const late: number[] = []
  const took: number[] = []
  let rang = 0
  let counts = false
  const host = await createHost(
    { ...definition, store: sqlite(file), plugins: [channel] },
    {
      effects: { clock },
      logger: silentLogger,
      onCommit({ changes }) {
        const now = clock.now()
        for (const { to, at } of changes) {
          if (!counts || to !== 'away') continue
          rang += 1
          late.push(now - at)
        }
      },
    },
  )
  await until(first - ahead + 3_000)
  counts = true
  const start = performance.now()
  let sent = 0
  while (performance.now() - start < SECONDS * 1_000) {
    const due = Math.floor(((performance.now() - start) / 1_000) * EVENTS_PER_SECOND)
    for (; sent < due; sent += 1) {
      const given = performance.now()
      void host
        .ingest([canonical('opened', `${ahead}-${sent}`, `other-${sent % 1_000}`, clock.now(), { plan: 'free' })])
        .then(() => took.push(performance.now() - given))
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const seconds = (performance.now() - start) / 1_000
  counts = false
  await host.close()
  return { rang, seconds, lateP99: slowestHundredth(late), ingestP99: slowestHundredth(took) }
}

async function until(moment: number): Promise<void> {
  while (real.now() < moment) await new Promise((resolve) => setTimeout(resolve, 100))
}

function slowestHundredth(values: readonly number[]): number {
  return Float64Array.from(values).sort()[Math.floor(values.length * 0.99)] ?? Number.POSITIVE_INFINITY
}

answer(async (question) => {
  if (question === 'in time') await prepare(sqlite(file))
  // An hour later all of them are overdue.
  return watch(question === 'in time' ? 0 : 3_600_000)
})
