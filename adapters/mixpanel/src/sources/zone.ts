const DAY = 86_400_000
const HOUR = 3_600_000

/** A project's own time. */
export interface Zone {
  /** The day it is there at a moment, `2026-01-31`. */
  dayOf(moment: number): string
  /** The moment meant by one whose hands show the time there, read as if they showed UTC. */
  momentOf(shifted: number): number
}

/** Without a timezone it is UTC, as for every project since 2023: days and times are what they seem. */
export function zoneOf(timezone: string | undefined): Zone {
  if (timezone === undefined) return { dayOf: dayText, momentOf: (shifted) => shifted }
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  // Offsets change on full quarters of an hour; a day of an export asks for few.
  const known = new Map<number, number>()
  function offsetAt(moment: number): number {
    const quarter = Math.floor(moment / (HOUR / 4)) * (HOUR / 4)
    const offset = known.get(quarter) ?? shownAt(format, quarter) - quarter
    known.set(quarter, offset)
    return offset
  }
  return {
    dayOf: (moment) => dayText(moment + offsetAt(moment)),
    // Twice, since the first guess may lie on the other side of a change of the clocks.
    momentOf: (shifted) => shifted - offsetAt(shifted - offsetAt(shifted)),
  }
}

/** The day so many days later, or earlier. */
export function dayPlus(day: string, days: number): string {
  return dayText(Date.parse(day) + days * DAY)
}

function dayText(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10)
}

/** What the clocks show, read as UTC. */
function shownAt(format: Intl.DateTimeFormat, moment: number): number {
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]))
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
}
