import type { Cancel, PluginContext } from '@waymark/core'

/** What came of a call. `late`: no answer in time. `abandoned`: the host closed meanwhile, and the call is nobody's any more. */
export type Answer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'late' | 'abandoned' }

/** How long a plugin may take to answer once its signal was aborted: it knows better than the host what it has come to. In milliseconds. */
export const GRACE = 5_000

/**
 * Calls a plugin, with a signal of this call's own. The signal is aborted after `longest` milliseconds, and when the host no longer wants
 * it; an answer is waited for a little longer, and then no more. Never rejects.
 */
export async function callPlugin<T>(context: PluginContext, longest: number, call: (context: PluginContext) => Promise<T>): Promise<Answer<T>> {
  const { clock, signal: closing } = context
  const controller = new AbortController()
  const end = Promise.withResolvers<Answer<never>>()
  let cancel: Cancel = () => {}

  function abort(why: string, kind: 'late' | 'abandoned'): void {
    cancel()
    controller.abort(new Error(why))
    cancel = clock.at(clock.now() + GRACE, () => end.resolve({ kind }))
  }
  const onClosing = (): void => abort('the host is closing', 'abandoned')

  if (closing.aborted) return { kind: 'abandoned' }
  closing.addEventListener('abort', onClosing, { once: true })
  cancel = clock.at(clock.now() + longest, () => abort(`no answer after ${longest / 1_000} s`, 'late'))
  try {
    return await Promise.race([answerOf(call, { ...context, signal: controller.signal }), end.promise])
  } finally {
    cancel()
    closing.removeEventListener('abort', onClosing)
  }
}

async function answerOf<T>(call: (context: PluginContext) => Promise<T>, context: PluginContext): Promise<Answer<T>> {
  try {
    return { kind: 'answered', value: await call(context) }
  } catch (error) {
    return { kind: 'threw', error }
  }
}
