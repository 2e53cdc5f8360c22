import { type DeadLetterFilter, type Store, type WaymarkConfig, WaymarkError } from '@waymark/core'
import { systemClock } from './clock.ts'
import { openExisting } from './open-existing.ts'

/**
 * Has dead letters tried again: a sink's at once, a channel's by way of the outbox, where consent and condition are asked again. Those of
 * plugins that are no longer in the config are left as they are. How many there were comes back.
 */
export async function retryDeadLetters(config: WaymarkConfig, filter: DeadLetterFilter, now: number): Promise<number> {
  const plugins = filter.plugin === undefined ? pluginsOf(config) : [filter.plugin]
  if (!pluginsOf(config).includes(plugins[0] ?? '') && filter.plugin !== undefined) throw noPlugin(config, filter.plugin)
  return config.store.transaction(async (tx) => {
    let count = 0
    for (const plugin of plugins) count += await tx.retryDeadLetters({ ...filter, plugin }, now)
    return count
  })
}

/** Takes dead letters out for good, also of plugins that are gone. How many there were comes back. */
export function discardDeadLetters(store: Store, filter: DeadLetterFilter): Promise<number> {
  return store.transaction((tx) => tx.removeDeadLetters(filter))
}

/** The same where no host is running: what is to be tried again is tried when one starts. */
export async function retryDeadLettersOffline(config: WaymarkConfig, filter: DeadLetterFilter, now: number = systemClock().now()): Promise<number> {
  await openExisting(config.store, 'host.retryDeadLetters(filter)')
  try {
    return await retryDeadLetters(config, filter, now)
  } finally {
    await config.store.close()
  }
}

export async function discardDeadLettersOffline({ store }: WaymarkConfig, filter: DeadLetterFilter): Promise<number> {
  await openExisting(store, 'host.discardDeadLetters(filter)')
  try {
    return await discardDeadLetters(store, filter)
  } finally {
    await store.close()
  }
}

/** Letters of messages from before they were kept have the channel's name. */
function pluginsOf({ plugins = [] }: WaymarkConfig): readonly string[] {
  return [...new Set(plugins.flatMap(({ name, channel }) => (channel === undefined ? [name] : [name, channel.name])))]
}

function noPlugin(config: WaymarkConfig, name: string): WaymarkError {
  const names = pluginsOf(config)
  return new WaymarkError('NOT_FOUND', `there is no plugin '${name}' in this config`, {
    mend: names.length === 0 ? 'it has none' : `its plugins are ${names.join(', ')}; what is left of others can be discarded`,
  })
}
