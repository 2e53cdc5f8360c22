/** Waits of 1 s, 2 s, 4 s … up to an hour, each shortened by up to half at random, so that many do not retry at once. */
export function backoff(attempt: number, random: () => number): number {
  const full = Math.min(3_600_000, 1_000 * 2 ** Math.min(Math.max(attempt - 1, 0), 20))
  return Math.round(full * (1 - random() / 2))
}
