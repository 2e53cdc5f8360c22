const LEAST = 1_000
const MOST = 86_400_000

/** Waits of 1 s, 2 s, 4 s … up to `longest` (an hour), each shortened by up to half at random, so that many do not retry at once. */
export function backoff(attempt: number, random: () => number, longest = 3_600_000): number {
  const full = Math.min(longest, LEAST * 2 ** Math.min(Math.max(attempt - 1, 0), 20))
  return Math.round(full * (1 - random() / 2))
}

/**
 * How long to wait, in milliseconds: what the receiver asks for, between a second and a day, and up to a tenth longer at random, so that
 * many do not come back at the same moment; `otherwise` when it asks for nothing that is a time.
 */
export function waitFor(afterMs: number | undefined, otherwise: number, random: () => number): number {
  if (typeof afterMs !== 'number' || !(afterMs >= 0)) return otherwise
  return Math.round(Math.min(Math.max(afterMs, LEAST), MOST) * (1 + random() / 10))
}
