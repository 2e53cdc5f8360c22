import type { Store } from '@waymark/core'
import { type Finding, fail, ok, warn } from './finding.ts'
import { span } from './words.ts'

/** Entries a little ahead are another machine's clock, as after a move. In milliseconds. */
const A_LITTLE = 5_000
/** How long the clock is watched, and how far it may go from the monotonic one meanwhile, in milliseconds. */
const WATCHED = 200
const DRIFT = 50

/** What a machine with full time zone data knows: half an hour of summer time, and a zone that has none. */
const ZONES: readonly (readonly [string, number, string])[] = [
  ['Australia/Lord_Howe', Date.UTC(2026, 0, 15, 0), '11:00'],
  ['Australia/Lord_Howe', Date.UTC(2026, 6, 15, 0), '10:30'],
  ['Asia/Kathmandu', Date.UTC(2026, 6, 15, 0), '05:45'],
]

/** The wall clock against the log and against the monotonic one, and the time zones that quiet hours need. */
export async function lookAtClock(store: Store | undefined, now: () => number): Promise<readonly Finding[]> {
  return [...(store === undefined ? [] : [await againstLog(store, now())]), ...(await running(now)), zones()]
}

async function againstLog(store: Store, now: number): Promise<Finding> {
  const last = await store.lastSeq()
  const [newest] = last === 0 ? [] : await store.log(last - 1, 1)
  if (newest === undefined) return ok('clock', 'the log is empty: there is nothing to hold the clock against')
  const ahead = newest.now - now
  if (ahead <= 0) return ok('clock', ahead > -1_000 ? 'the newest log entry was written just now' : `the newest log entry is ${span(-ahead)} old`)
  const mend = 'set this clock right (NTP), and find out which of the two was wrong: until it has caught up nothing falls due'
  const says = `the newest log entry is ${span(ahead)} in the future: the clock has been put back, or was wrong before`
  return ahead > A_LITTLE ? fail('clock', says, mend) : warn('clock', says, mend)
}

async function running(now: () => number): Promise<readonly Finding[]> {
  const [wall, monotonic] = [now(), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, WATCHED))
  const drift = now() - wall - (performance.now() - monotonic)
  if (Math.abs(drift) <= DRIFT) return []
  const says = `the clock went ${Math.round(drift)} ms astray in ${WATCHED} ms: something is setting it`
  return [warn('clock', says, 'let one time service alone set the clock, and slew it instead of stepping')]
}

function zones(): Finding {
  const wrong = ZONES.find(([zone, at, time]) => timeIn(zone, at) !== time)
  if (wrong === undefined) return ok('clock', `time zone data is there (${process.versions['tz'] ?? 'version unknown'})`)
  return fail('clock', `time zone data is missing or wrong: ${wrong[0]} is not known`, 'use a Node.js with full ICU data: quiet hours need it')
}

function timeIn(timeZone: string, at: number): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
  } catch {
    return undefined
  }
}
