import type { Clock, Plugin, PluginContext, Source, Store } from '@waymark/core'

/** Runs the sources that bring events in by themselves. Resolves when all have stopped, which the signal asks for. */
export async function startSources(
  plugins: readonly Plugin[],
  contextOf: (plugin: Plugin) => PluginContext,
  parts: { readonly store: Store; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  await Promise.all(plugins.map((plugin) => (plugin.source === undefined ? undefined : run(plugin, plugin.source, contextOf(plugin), parts))))
}

const AGAIN_AFTER = 5_000

/** A source that fails is started again from its last cursor. */
async function run(
  plugin: Plugin,
  source: Source,
  context: PluginContext,
  parts: { readonly store: Store; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { store, clock, signal } = parts
  const name = `source:${plugin.name}`
  while (!signal.aborted) {
    try {
      await Promise.all([pull(), source.subscribe?.(context, signal)])
      if (source.subscribe === undefined) await pause()
    } catch (error) {
      if (signal.aborted) return
      context.log.error('a source stopped; starting it again', { error: String(error) })
      await pause()
    }
  }

  async function pull(): Promise<void> {
    if (source.pull === undefined) return
    const cursor = await store.cursor(name)
    for await (const batch of source.pull(cursor, context, signal)) {
      // Should we die between these two, the batch comes again and its events are duplicates.
      await context.ingest(batch.events)
      await store.transaction((tx) => tx.setCursor(name, batch.cursor))
      if (signal.aborted) return
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.at(clock.now() + AGAIN_AFTER, resolve)
      signal.addEventListener(
        'abort',
        () => {
          cancel()
          resolve()
        },
        { once: true },
      )
    })
  }
}
