import type { Plugin } from '@waymark/core'
import { readOutcome, readOutcomes } from './outcomes.ts'

/** The plugin, its channel and its sink answering as the contract has it, whatever they answer; the log names what had to be mended. A throw stays one. */
export function sound<P extends Plugin>(plugin: P): P {
  const { channel, sink } = plugin
  return {
    ...plugin,
    ...(channel === undefined
      ? {}
      : {
          channel: {
            ...channel,
            async send(message, recipient, context) {
              const { value, wrong } = readOutcome(await channel.send(message, recipient, context))
              if (wrong !== undefined) context.log.error('a channel gave no outcome: mend the plugin', { channel: channel.name, message: message.key, wrong })
              return value
            },
          } satisfies Plugin['channel'],
        }),
    ...(sink === undefined
      ? {}
      : {
          sink: {
            ...sink,
            async deliver(events, context) {
              const { value, wrong } = readOutcomes(await sink.deliver(events, context), events.length)
              if (wrong !== undefined) context.log.error('a sink did not give one outcome for each event: mend the plugin', { sink: plugin.name, wrong })
              return value
            },
          } satisfies Plugin['sink'],
        }),
  }
}
