import type { Plugin, PluginContext } from '@waymark/core'
import { createEraserRunner } from './eraser-runner.ts'
import type { WorkLoop } from './work-loop.ts'

/** Everybody who can have somebody forgotten elsewhere. */
export interface Erasers {
  /** There may be something to do. */
  wake(): void
  /** Resolves when no call is under way. */
  idle(): Promise<void>
  readonly runners: readonly WorkLoop[]
}

export function createErasers(
  plugins: readonly Plugin[],
  parts: Omit<Parameters<typeof createEraserRunner>[1], 'context'>,
  contextOf: (plugin: Plugin) => PluginContext,
): Erasers {
  const runners = plugins.flatMap((plugin) =>
    plugin.eraser === undefined ? [] : [createEraserRunner({ ...plugin, eraser: plugin.eraser }, { ...parts, context: contextOf(plugin) })],
  )
  return {
    wake() {
      for (const runner of runners) runner.wake()
    },
    async idle() {
      await Promise.all(runners.map((runner) => runner.idle()))
    },
    runners,
  }
}
