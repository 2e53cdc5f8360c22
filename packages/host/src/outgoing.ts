import type { Plugin, PluginContext } from '@waymark/core'
import { createDelivery } from './delivery.ts'
import type { Work } from './pipeline.ts'
import type { DeliveryStatus, Runner } from './runner.ts'
import { createSinkRunner } from './sink.ts'

/** Everything that leaves the host: messages through channels, events through sinks. */
export interface Outgoing {
  start(): Promise<void>
  /** There is something to do for everybody. */
  wake(): void
  /** There are new messages in the outbox. */
  wakeChannels(): void
  /** The log has grown. */
  wakeSinks(): void
  /** Resolves when no message is under way. */
  messagesIdle(): Promise<void>
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
  /** How the deliveries of each plugin stand, channels first. */
  status(): Promise<readonly DeliveryStatus[]>
  readonly runners: readonly Runner[]
  /** What joins every commit. */
  readonly joined: readonly Work[]
}

type Parts = Parameters<typeof createDelivery>[1] & Parameters<typeof createSinkRunner>[1]

export function createOutgoing(plugins: readonly Plugin[], parts: Omit<Parts, 'context'>, contextOf: (plugin: Plugin) => PluginContext): Outgoing {
  const deliveries = plugins.flatMap((plugin) =>
    plugin.channel === undefined ? [] : [createDelivery({ ...plugin, channel: plugin.channel }, { ...parts, context: contextOf(plugin) })],
  )
  const sinks = plugins.flatMap((plugin) =>
    plugin.sink === undefined ? [] : [createSinkRunner({ ...plugin, sink: plugin.sink }, { ...parts, context: contextOf(plugin) })],
  )
  const runners = [...deliveries, ...sinks]
  return {
    async start() {
      await Promise.all(runners.map((runner) => runner.start()))
    },
    wake() {
      for (const runner of runners) runner.wake()
    },
    wakeChannels() {
      for (const delivery of deliveries) delivery.wake()
    },
    wakeSinks() {
      for (const sink of sinks) sink.wake()
    },
    async messagesIdle() {
      await Promise.all(deliveries.map((delivery) => delivery.idle()))
    },
    async idle() {
      await Promise.all(runners.map((runner) => runner.idle()))
    },
    status: () => Promise.all(runners.map((runner) => runner.status())),
    runners,
    joined: deliveries.map(({ claimDecided }): Work => ({ kind: 'joined', write: claimDecided })),
  }
}
