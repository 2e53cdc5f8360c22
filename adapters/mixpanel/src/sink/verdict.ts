import type { DeliveryOutcome } from '@waymark/core'

/** What came of one request. */
export type Verdict =
  | { readonly kind: 'taken' }
  /** Some of it was not taken, by its place; the rest was. */
  | { readonly kind: 'partly'; readonly rejected: ReadonlyMap<number, string> }
  /** Refused as a whole: for its size, or for the sake of some of it. Nothing was taken. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not now. `maybeTaken`: it may have arrived all the same. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number; readonly maybeTaken: boolean }

/** What to look at, for answers that a wrong option brings about. */
const MENDS: Readonly<Record<number, string>> = {
  401: 'check the token and the service account, and the region',
  403: 'check the token and the service account, and the region',
  404: 'check sink.host',
  405: 'check sink.host',
}

/** Statuses that speak of what was sent. */
const OF_THE_CONTENT: readonly number[] = [400, 413, 422]

/** What an answer other than 2xx comes to. A wrong token or host can be mended without losing an event, so it is a matter of time. */
export function verdictOf(status: number, detail: string, afterMs: number | undefined): Verdict {
  const reason = `answered ${status}${detail === '' ? '' : `: ${detail.slice(0, 300)}`}`
  if (OF_THE_CONTENT.includes(status)) return { kind: 'refused', reason }
  const mend = status >= 300 && status < 400 ? 'set sink.host to the final address' : MENDS[status]
  const wait = afterMs === undefined ? {} : { afterMs }
  return { kind: 'later', reason: mend === undefined ? reason : `${reason}: ${mend}`, maybeTaken: status >= 500, ...wait }
}

export function retry({ reason, afterMs }: { readonly reason: string; readonly afterMs?: number }): DeliveryOutcome {
  return { status: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }
}
