/** The furthest moment from 1970 that a date can express, in milliseconds. */
const FURTHEST = 8.64e15

/** ISO 8601 or epoch milliseconds as epoch milliseconds; undefined for anything else. */
export function moment(value: unknown): number | undefined {
  const at = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Date.parse(value) : Number.NaN
  return Math.abs(at) <= FURTHEST ? at : undefined
}

/**
 * When something happened, on our clock: a device's clock may be wrong, but `sentAt` was read off the same one, so what
 * lies between the two is right. Without `sentAt` the timestamp is trusted.
 */
export function onOurClock(timestamp: number, sentAt: number | undefined, receivedAt: number): number {
  return sentAt === undefined ? timestamp : receivedAt - (sentAt - timestamp)
}
