import type { DeliveryOutcome } from '@waymark/core'

/** Answers about the events themselves. All others speak of the line, the address or the key, which can be mended without losing an event. */
const ABOUT_EVENTS: readonly number[] = [400, 413, 422]

/** What to look at, for answers that a wrong option brings about. */
const MENDS: Readonly<Record<number, string>> = {
  401: 'check sink.writeKey, and sink.host for its region',
  403: 'check sink.writeKey, and sink.host for its region',
  404: 'check sink.host and sink.path',
  405: 'check sink.host and sink.path',
}

/** A receiver may ask for more; asking again after an hour hurts nobody. */
const LONGEST_WAIT = 3_600_000

export function outcomeOf(response: { readonly status: number; readonly headers: Headers }, now: number): DeliveryOutcome {
  const { status, headers } = response
  if (status >= 200 && status < 300) return { status: 'delivered' }
  if (status >= 300 && status < 400) {
    // The SDK would follow it with a GET, which leaves the events behind, and call that a success.
    const location = headers.get('location')?.slice(0, 200)
    return { status: 'retry', reason: `answered ${status}${location === undefined ? '' : `, pointing to ${location}`}: set sink.host to the final address` }
  }
  if (ABOUT_EVENTS.includes(status)) return { status: 'rejected', reason: `answered ${status}` }
  const afterMs = waitOf(headers.get('retry-after'), now)
  const mend = MENDS[status]
  return { status: 'retry', reason: `answered ${status}${mend === undefined ? '' : `: ${mend}`}`, ...(afterMs === undefined ? {} : { afterMs }) }
}

/** `Retry-After` in milliseconds; it holds seconds or a date. */
function waitOf(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT)
}
