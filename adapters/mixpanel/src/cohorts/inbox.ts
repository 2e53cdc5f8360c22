/** Hands what requests bring to the one pull that takes it in, and tells each request when that is on disk. */
export interface Inbox<T> {
  /** Resolves to true when it is on disk, to false when it could not be taken in within `withinMs`. */
  deliver(item: T, withinMs: number): Promise<boolean>
  /** The next one; undefined once the signal is aborted. Call `settle` with what became of it. */
  next(signal: AbortSignal): Promise<Waiting<T> | undefined>
}

export interface Waiting<T> {
  readonly item: T
  settle(isOnDisk: boolean): void
}

export function createInbox<T>(): Inbox<T> {
  const waiting: Waiting<T>[] = []
  let arrived = (): void => {}

  return {
    async deliver(item, withinMs) {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const own: Waiting<T> = { item, settle: resolve }
      waiting.push(own)
      arrived()
      const timer = setTimeout(() => resolve(false), withinMs)
      try {
        return await promise
      } finally {
        clearTimeout(timer)
        // Whoever sent it will send it again: it must not be taken in behind their back.
        if (waiting.includes(own)) waiting.splice(waiting.indexOf(own), 1)
      }
    },
    async next(signal) {
      while (waiting.length === 0 && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>()
        const wake = (): void => resolve()
        arrived = wake
        signal.addEventListener('abort', wake, { once: true })
        await promise
        signal.removeEventListener('abort', wake)
      }
      return signal.aborted ? undefined : waiting.shift()
    },
  }
}
