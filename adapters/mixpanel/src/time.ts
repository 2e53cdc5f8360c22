import { moment } from '@waymark/kit'

/**
 * Smallest number that is read as milliseconds. Mixpanel takes seconds and milliseconds, from 1971 on; this one in seconds would be the year 2969.
 */
const MILLISECONDS_FROM = 31_536_000_000

/** Mixpanel's `time` in whole epoch milliseconds: seconds with or without a fraction, milliseconds, either as text, or ISO 8601. Undefined for anything else. */
export function timeOf(value: unknown): number | undefined {
  const numeric = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof numeric !== 'number') return moment(numeric)
  const at = moment(Math.abs(numeric) < MILLISECONDS_FROM ? numeric * 1000 : numeric)
  return at === undefined ? undefined : Math.round(at)
}
