/** A receiver may ask for more; asking again after an hour hurts nobody. */
const LONGEST_WAIT = 3_600_000

/** `Retry-After` in milliseconds, an hour at most; it holds seconds or a date. Undefined when there is none. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const header = headers.get('retry-after')?.trim()
  if (header === undefined || header === '') return undefined
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT)
}
