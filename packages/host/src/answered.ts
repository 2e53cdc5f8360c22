import type { Cancel, Clock } from '@waymark/core'

/** What `work` comes to, or `otherwise` when it has not answered after so many milliseconds: one that hangs must not hold up the rest. */
export async function answered<T>(clock: Clock, milliseconds: number, work: Promise<T>, otherwise: T): Promise<T> {
  let cancel: Cancel = () => {}
  const late = new Promise<T>((resolve) => {
    cancel = clock.at(clock.now() + milliseconds, () => resolve(otherwise))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    cancel()
  }
}
