import type { DeliveryOutcome } from '@waymark/core'
import { retryAfter } from '@waymark/kit'

/** Answers about the events themselves. All others speak of the line, the address or the key, which can be mended without losing an event. */
const ABOUT_EVENTS: readonly number[] = [400, 413, 422]

/** What to look at, for answers that a wrong option brings about. */
const MENDS: Readonly<Record<number, string>> = {
  401: 'check sink.writeKey, and sink.host for its region',
  403: 'check sink.writeKey, and sink.host for its region',
  404: 'check sink.host and sink.path',
  405: 'check sink.host and sink.path',
}

export function outcomeOf(response: { readonly status: number; readonly headers: Headers }, now: number): DeliveryOutcome {
  const { status, headers } = response
  if (status >= 200 && status < 300) return { status: 'delivered' }
  if (status >= 300 && status < 400) {
    // The SDK would follow it with a GET, which leaves the events behind, and call that a success.
    const location = headers.get('location')?.slice(0, 200)
    return { status: 'retry', reason: `answered ${status}${location === undefined ? '' : `, pointing to ${location}`}: set sink.host to the final address` }
  }
  if (ABOUT_EVENTS.includes(status)) return { status: 'rejected', reason: `answered ${status}` }
  const afterMs = retryAfter(headers, now)
  const mend = MENDS[status]
  return { status: 'retry', reason: `answered ${status}${mend === undefined ? '' : `: ${mend}`}`, ...(afterMs === undefined ? {} : { afterMs }) }
}
