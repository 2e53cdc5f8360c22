import { type ChannelFacts, createEngine, type Engine, milliseconds, type WaymarkConfig } from '@waymark/core'
import type { Facts } from './oracle/facts.ts'
import type { World } from './world.ts'

/** The configs that a world has run, in order, by their numbers. */
export function versionsRun({ ledger }: World, configFor: (deploy: number) => WaymarkConfig): readonly WaymarkConfig[] {
  const last = Math.max(...ledger.processes.map(({ deploy }) => deploy))
  return Array.from({ length: last + 1 }, (_, deploy) => configFor(deploy))
}

/** See `Facts.cameAt`. */
export function rulesThatCame({ ledger }: World, configs: readonly WaymarkConfig[]): Facts['cameAt'] {
  const came = new Map<string, { at: number; trulyAt: number }>()
  configs.forEach(({ rules = [] }, deploy) => {
    const before = new Map(configs[deploy - 1]?.rules?.map(({ id, when }) => [id, JSON.stringify(when)]))
    const first = ledger.processes.find((life) => life.deploy >= deploy)
    for (const { id, when, backfill } of rules) {
      const isChanged = deploy > 0 && before.get(id) !== JSON.stringify(when)
      if (isChanged && backfill !== 'send' && first !== undefined) came.set(id, { at: first.startedAt, trulyAt: first.trulyStartedAt })
    }
  })
  return came
}

/** What the rules and segments of a config mean. */
export function engineOf({ plugins = [], segments = [], rules = [], governance = {}, sessions }: WaymarkConfig): Engine {
  const channels: Record<string, ChannelFacts> = {}
  for (const { channel, purpose } of plugins) if (channel !== undefined) channels[channel.name] = { purpose, reach: channel.reach }
  return createEngine({ segments, rules, governance, channels, ...(sessions === undefined ? {} : { sessionGap: milliseconds(sessions.gap) }) })
}
