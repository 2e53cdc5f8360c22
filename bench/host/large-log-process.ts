import { createEngine, type Engine, type NewLogEntry, type Profile, type Store, type WaymarkConfig } from '@waymark/core'
import { createHost, silentLogger, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { answer } from '../child.ts'
import { canonical, definition, dice } from '../workload.ts'

/** A log as large as this, in bytes, of so many users over half a year, who sign up and then are there for a few minutes now and then. */
const LOG_BYTES = 1_000_000_000
const USERS = 20_000
const DAYS = 180
const DAY = 86_400_000
const MINUTE = 60_000
/** Entries that no checkpoint includes: as many as there can be when a host dies. */
const TAIL = 20_000
const AT_ONCE = 1_000
const LAST = Date.UTC(2026, 5, 30)

export interface Built {
  readonly events: number
  readonly bytes: number
}
export interface Recovered {
  readonly milliseconds: number
}
export interface Compacted {
  readonly dropped: number
}

const [file] = process.argv.slice(2) as [string]
const config = (more: Partial<WaymarkConfig> = {}): WaymarkConfig => ({ ...definition, rules: [], store: sqlite(file), ...more })

function engine(): Engine {
  const { segments = [], governance = {} } = definition
  return createEngine({ segments, rules: [], governance, channels: {} })
}

/** What a host that died would have left: the log, snapshots up to the newest checkpoint, and the rest of the log behind it. */
async function build(): Promise<Built> {
  await (await createHost(config(), { logger: silentLogger, effects: { clock: virtualClock(LAST - DAYS * DAY) } })).close()
  const { store } = config()
  await store.open()
  const own = engine()
  const profiles = new Map<string, Profile>()
  const random = dice(11)
  let events = 0
  let bytes = 0
  let at = LAST - DAYS * DAY
  const entries: NewLogEntry[] = []
  // So much of it is the entry beside its body, and the index.
  const perEntry = 60
  const visitsADay = Math.ceil(LOG_BYTES / DAYS / 8 / (430 + perEntry))
  for (let day = 0; day < DAYS && bytes < LOG_BYTES; day += 1) {
    for (let visit = 0; visit < visitsADay && bytes < LOG_BYTES; visit += 1) {
      const user = `user-${random(USERS)}`
      at = LAST - (DAYS - day) * DAY + Math.floor((visit * DAY) / visitsADay)
      for (let step = 0; step < 8; step += 1) {
        const properties = { feature: 'ABCDEF'[random(6)] as string, seconds: random(300), page: `https://app.example/${'p'.repeat(80)}/${random(1_000)}` }
        const kind = profiles.has(user) || step > 1 ? 'feature_used' : step === 0 ? 'signed_up' : 'onboarding_step_completed'
        const event = canonical(kind, `m${events}`, user, at + step * MINUTE, properties)
        entries.push({ profile: user, now: at + step * MINUTE, input: { kind: 'event', event } })
        bytes += JSON.stringify(event).length + perEntry
        events += 1
      }
      if (entries.length >= AT_ONCE) await write(store, own, profiles, entries.splice(0), true)
    }
  }
  await write(store, own, profiles, entries.splice(0), true)
  const last = await store.lastSeq()
  const taken = [...profiles.values()].map((profile) => {
    const nextWake = own.nextWake(profile)
    return { profile, seq: last, definition: own.fingerprint, ...(nextWake === undefined ? {} : { nextWake }) }
  })
  for (let from = 0; from < taken.length; from += AT_ONCE) await store.transaction((tx) => tx.checkpoint(taken.slice(from, from + AT_ONCE)))
  await store.transaction((tx) => tx.setCursor('checkpoint', String(last)))
  for (let index = 0; index < TAIL; index += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, place): NewLogEntry => {
      const user = `user-${random(USERS)}`
      const event = canonical('feature_used', `t${index + place}`, user, LAST + index + place, { feature: 'A', seconds: 1 })
      return { profile: user, now: LAST + index + place, input: { kind: 'event', event } }
    })
    await write(store, own, profiles, some, false)
  }
  await store.close()
  return { events: events + TAIL, bytes }
}

async function write(store: Store, own: Engine, profiles: Map<string, Profile>, entries: readonly NewLogEntry[], isKnown: boolean): Promise<void> {
  await store.transaction((tx) => tx.append(entries))
  if (!isKnown) return
  const inOrder = entries.flatMap(({ input }) => (input.kind === 'event' ? [input.event] : [])).sort((a, b) => a.timestamp - b.timestamp)
  for (const event of inOrder) {
    const user = event.userId as string
    const before = profiles.get(user)
    if (!own.isLate(before, event)) profiles.set(user, own.step(before, user, { kind: 'event', event }, event.timestamp).profile)
  }
}

async function recover(): Promise<Recovered> {
  const start = performance.now()
  const host = await createHost(config(), { logger: silentLogger, effects: { clock: virtualClock(LAST + DAY / 24) } })
  const milliseconds = performance.now() - start
  await host.close()
  return { milliseconds }
}

/** One round through the log, without its pauses. */
async function compact(): Promise<Compacted> {
  const clock = virtualClock(LAST + DAY)
  const host = await createHost(config({ retention: { log: { age: '30d' } } }), { logger: silentLogger, effects: { clock } })
  await clock.moveTo(clock.now() + DAY / 24)
  const { events } = JSON.parse((await host.config.store.cursor('compaction')) ?? '{"events":0}') as { readonly events: number }
  await host.close()
  return { dropped: events }
}

answer((question) => (question === 'build' ? build() : question === 'recover' ? recover() : compact()))
