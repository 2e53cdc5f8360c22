import { EXIT } from './exit-codes.ts'

/**
 * Resolves when the process is asked to stop: SIGINT, SIGTERM, or the parent that started it going away. A second
 * signal ends the process at once, so that nothing that hangs can hold a terminal.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = (): void => {
      if (asked) process.exit(EXIT.interrupted)
      asked = true
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
    process.once('disconnect', () => {
      if (!asked) stop()
    })
    // Listening for the parent must not itself keep a process alive that has nothing left to do.
    process.channel?.unref()
  })
}
