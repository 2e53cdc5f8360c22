import type { Clock } from '@waymark/core'

/** How long to wait before it is written again. */
const AGAIN = 1_000

/**
 * Writes what a plugin has done already, and again each second while that fails and `mayGoOn`: a store that cannot write for a moment must
 * not have it done twice. Then the last error is thrown.
 */
export async function insist(clock: Clock, write: () => Promise<void>, mayGoOn: () => boolean): Promise<void> {
  for (;;) {
    try {
      return await write()
    } catch (error) {
      if (!mayGoOn()) throw error
      await new Promise<void>((resolve) => void clock.at(clock.now() + AGAIN, resolve))
    }
  }
}
