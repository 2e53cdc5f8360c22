import type { Plugin } from '@waymark/core'

/**
 * The plugin, whose eraser is asked when its sink has answered what it was given before: an event of the same person may be among it, and a vendor
 * would make them anew of one that comes after the wish to forget them.
 */
export function afterDeliveries<P extends Plugin>(plugin: P): P {
  const { sink, eraser } = plugin
  if (sink === undefined || eraser === undefined) return plugin
  const underWay = new Set<Promise<unknown>>()
  return {
    ...plugin,
    sink: {
      ...sink,
      async deliver(events, context) {
        const answer = sink.deliver(events, context)
        underWay.add(answer)
        try {
          return await answer
        } finally {
          underWay.delete(answer)
        }
      },
    } satisfies Plugin['sink'],
    eraser: {
      ...eraser,
      async erase(subject, context) {
        await Promise.allSettled(underWay)
        return eraser.erase(subject, context)
      },
    } satisfies Plugin['eraser'],
  }
}
