import type { Governance, TimeOfDay } from '../governance.ts'

const MINUTE = 60_000
const DAY_MINUTES = 1_440
const formats = new Map<string, Intl.DateTimeFormat>()

/** Made once for each zone, which costs more than all else here. Throws where there is no such zone. */
function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  formats.set(timezone, format)
  return format
}

/** Minutes since local midnight in an IANA zone. */
function minuteOfDay(at: number, timezone: string): number {
  const [hours, minutes] = formatOf(timezone).format(at).split(':')
  return Number(hours) * 60 + Number(minutes)
}

export function isTimezone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/** When the quiet hours that `at` falls in end; undefined outside them. `from` is in them, `to` is not. */
export function quietUntil(at: number, quiet: NonNullable<Governance['quietHours']>, zone: string | undefined): number | undefined {
  const timezone = zone !== undefined && isTimezone(zone) ? zone : (quiet.timezone ?? 'UTC')
  const from = minutes(quiet.from)
  const to = minutes(quiet.to)
  const isQuiet = (moment: number) => {
    const minute = minuteOfDay(moment, timezone)
    return from < to ? minute >= from && minute < to : minute >= from || minute < to
  }
  if (!isQuiet(at)) return undefined
  const start = Math.floor(at / MINUTE) * MINUTE
  const left = (to - minuteOfDay(at, timezone) + DAY_MINUTES) % DAY_MINUTES
  // Clocks may be put forward or back within the quiet hours: look around the plain answer for the first minute outside them.
  let end = start + left * MINUTE
  for (let moved = 0; moved < 2 * 60 && !isQuiet(end - MINUTE); moved += 1) end -= MINUTE
  while (isQuiet(end)) end += MINUTE
  return end
}

function minutes(time: TimeOfDay): number {
  const [hours, rest] = time.split(':')
  return Number(hours) * 60 + Number(rest)
}
