import { type ChannelFacts, createEngine, type Engine, milliseconds, timerBounds, type WaymarkConfig } from '@waymark/core'

/**
 * The engine of a config: its segments and rules under its governance, over the channels its plugins bring. One whose clock follows the events
 * has every timer ring in time: what was long ago when they were read is not too old to be sent then.
 */
export function engineOf(config: WaymarkConfig, { isPunctual = false }: { readonly isPunctual?: boolean } = {}): Engine {
  const channels: Record<string, ChannelFacts> = {}
  for (const { channel, purpose } of config.plugins ?? []) {
    if (channel !== undefined) channels[channel.name] = { purpose, reach: channel.reach }
  }
  return createEngine({
    segments: config.segments ?? [],
    rules: config.rules ?? [],
    governance: config.governance ?? {},
    channels,
    ...(config.sessions === undefined ? {} : { sessionGap: milliseconds(config.sessions.gap) }),
    ...(isPunctual ? {} : { staleAfter: timerBounds(config.timers).staleAfter }),
  })
}
