import type { Plugin, PluginContext } from '@waymark/core'
import { createSourceRunner, type SourceRunner, type SourceStatus } from './source-runner.ts'

/** Everything that is fetched. */
export interface Sources {
  start(): Promise<void>
  status(): readonly SourceStatus[]
  readonly runners: readonly SourceRunner[]
}

export function createSources(
  plugins: readonly Plugin[],
  parts: Omit<Parameters<typeof createSourceRunner>[2], 'context'>,
  contextOf: (plugin: Plugin) => PluginContext,
): Sources {
  const runners = plugins.flatMap((plugin) =>
    (plugin.sources ?? []).map((source) => createSourceRunner(plugin, source, { ...parts, context: contextOf(plugin) })),
  )
  return {
    async start() {
      await Promise.all(runners.map((runner) => runner.start()))
    },
    status: () => runners.map((runner) => runner.status()),
    runners,
  }
}
