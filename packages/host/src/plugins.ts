import type { Plugin, PluginContext } from '@waymark/core'

/** What each plugin may touch: the host's own, with the plugin's name on every line it logs. */
export function contextsOf(plugins: readonly Plugin[], host: PluginContext): (plugin: Plugin) => PluginContext {
  const contexts = new Map(plugins.map((plugin) => [plugin, contextFor(plugin, host)]))
  return (plugin) => contexts.get(plugin) ?? host
}

function contextFor({ name }: Plugin, host: PluginContext): PluginContext {
  const { log } = host
  const at = { plugin: name }
  return {
    ...host,
    log: {
      debug: (message, fields) => log.debug(message, { ...at, ...fields }),
      info: (message, fields) => log.info(message, { ...at, ...fields }),
      warn: (message, fields) => log.warn(message, { ...at, ...fields }),
      error: (message, fields) => log.error(message, { ...at, ...fields }),
    },
  }
}

/** In the order of the config. When one cannot start, those before it are stopped again, and its throw goes on. */
export async function startPlugins(plugins: readonly Plugin[], contextOf: (plugin: Plugin) => PluginContext): Promise<void> {
  const started: Plugin[] = []
  try {
    for (const plugin of plugins) {
      await plugin.start?.(contextOf(plugin))
      started.push(plugin)
    }
  } catch (error) {
    for (const plugin of started.reverse()) await plugin.stop?.()
    throw error
  }
}
