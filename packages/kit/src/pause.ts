import type { PluginContext } from '@waymark/core'

/** Resolves after so many milliseconds by the host's clock, or at once when the work is no longer wanted. */
export function pause(milliseconds: number, { clock, signal }: Pick<PluginContext, 'clock' | 'signal'>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) return Promise.resolve()
  const cancel = clock.at(clock.now() + milliseconds, resolve)
  const end = (): void => resolve()
  signal.addEventListener('abort', end)
  // The signal outlives the wait: nothing of it must stay behind.
  return promise.finally(() => {
    cancel()
    signal.removeEventListener('abort', end)
  })
}
