import { WaymarkError } from '@waymark/core'

/**
 * What lets work in. Open; then, while the host closes, only for what the requests bring that were under way by then; then shut.
 */
export interface Door {
  /** Throws `BUSY` when nothing more is taken in. */
  assertOpen(): void
  /** Counts a request until its answer is there. */
  during<T>(request: () => Promise<T>): Promise<T>
  /** Nothing new any more. Resolves when the requests that were under way have their answers. */
  close(): Promise<void>
  /** Not for them either. */
  shut(): void
}

export function createDoor(): Door {
  let state: 'open' | 'closing' | 'shut' = 'open'
  let requests = 0
  const waiting: (() => void)[] = []

  return {
    assertOpen() {
      if (state === 'open' || (state === 'closing' && requests > 0)) return
      throw new WaymarkError('BUSY', 'the host is closing', { mend: 'do it again in a moment' })
    },
    async during(request) {
      requests += 1
      try {
        return await request()
      } finally {
        requests -= 1
        if (requests === 0) for (const resolve of waiting.splice(0)) resolve()
      }
    },
    close() {
      if (state === 'open') state = 'closing'
      return requests === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))
    },
    shut() {
      state = 'shut'
    },
  }
}
