import { type ChannelFacts, createEngine, type Engine, milliseconds, type WaymarkConfig } from '@waymark/core'

/** The engine of a config: its segments and rules under its governance, over the channels its plugins bring. */
export function engineOf(config: WaymarkConfig): Engine {
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
  })
}
