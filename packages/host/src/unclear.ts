import type { Channel } from '@waymark/core'

/**
 * Whether a message that may have arrived since then may be sent again at `at`: while the receiver knows its key and drops the second. A
 * channel that declares no such time sends at most once.
 */
export function maySendAgain({ dedup }: Channel, unclearSince: number, at: number): boolean {
  return dedup !== undefined && at - unclearSince < dedup.windowMs
}

/** Why one is not sent again. */
export function whyNotAgain({ name, dedup }: Channel): string {
  return dedup === undefined
    ? `it may have arrived, and '${name}' declares no time in which its receiver drops a second one`
    : `it may have arrived, and the receiver of '${name}' no longer knows its key`
}
