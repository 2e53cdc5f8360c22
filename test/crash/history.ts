/** A rule fires when a user has done it so often: what was lost or counted twice shows as a message too few, too many or of another moment. */
export const THRESHOLDS: readonly number[] = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987]

/** Users, each of whose events are sent one batch after the other, so that they arrive in order. */
export const USERS = 8

const START = Date.UTC(2026, 0, 1)

export interface SentEvent {
  readonly type: 'track'
  readonly event: 'did_it'
  readonly messageId: string
  readonly userId: string
  readonly timestamp: string
  readonly properties: { readonly n: number }
}

/** The `n`th event of a user, counted from 1; a second after the one before. */
export function eventOf(user: number, n: number): SentEvent {
  return { type: 'track', event: 'did_it', messageId: `u${user}-${n}`, userId: `u${user}`, timestamp: new Date(momentOf(n)).toISOString(), properties: { n } }
}

function momentOf(n: number): number {
  return START + n * 1_000
}

/** Keys of the messages that somebody who did it so often gets through a channel: reckoned from the definitions, without the engine. */
export function keysFor(channel: string, user: number, times: number): readonly string[] {
  return THRESHOLDS.filter((threshold) => threshold <= times).map((threshold) => `${channel}-${threshold}:u${user}:${momentOf(threshold)}`)
}
