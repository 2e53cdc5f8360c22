import { setTimeout as pause } from 'node:timers/promises'
import { isAway } from './failure.ts'

const FIRST_PAUSE = 25
const LONGEST_PAUSE = 500

/** Makes the attempt again while the server cannot be reached, for about `limit` milliseconds. */
export async function whileAway<Result>(limit: number, attempt: () => Promise<Result>): Promise<Result> {
  let waited = 0
  for (let wait = FIRST_PAUSE; ; wait = Math.min(LONGEST_PAUSE, wait * 2)) {
    try {
      return await attempt()
    } catch (error) {
      if (!isAway(error) || waited + wait > limit) throw error
    }
    await pause(wait)
    waited += wait
  }
}
