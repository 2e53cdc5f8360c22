import type { ErasureReceipt, Plugin, PluginContext, Source } from '@waymark/core'
import { readOutcome, readOutcomes, readReceipt } from './outcomes.ts'
import { readPage } from './source-page.ts'

/** The plugin, its sources, channel, sink and eraser answering as the contract has it, whatever they answer; the log names what had to be mended. A throw stays one. */
export function sound<P extends Plugin>(plugin: P): P {
  const { channel, sink, sources, eraser } = plugin
  return {
    ...plugin,
    ...(eraser === undefined ? {} : { eraser: soundEraser(eraser) }),
    ...(sources === undefined ? {} : { sources: sources.map((source) => soundSource(plugin.name, source)) }),
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

/** What is no event goes to quarantine before the rest of its page is taken in. */
function soundSource(plugin: string, source: Source): Source {
  return {
    ...source,
    async *pull(cursor, context) {
      for await (const answer of source.pull(cursor, context)) {
        const { page, unreadable } = readPage(answer, plugin)
        if (unreadable.length > 0) await context.quarantine(unreadable)
        yield page
      }
    },
  }
}

function soundEraser(eraser: NonNullable<Plugin['eraser']>): NonNullable<Plugin['eraser']> {
  const read = (answer: unknown, { log }: PluginContext): ErasureReceipt => {
    const { value, wrong } = readReceipt(answer)
    if (wrong !== undefined) log.error('an eraser gave no receipt: mend the plugin', { wrong })
    return value
  }
  return {
    ...eraser,
    erase: async (subject, context) => read(await eraser.erase(subject, context), context),
    ...(eraser.check === undefined ? {} : { check: async (reference, context) => read(await eraser.check?.(reference, context), context) }),
  }
}
