import type { Plugin } from '@waymark/core'
import { tagOf } from '@waymark/kit'
import type { SegmentOptions } from './options.ts'
import { checkOptions } from './options.ts'
import { routes } from './routes/routes.ts'
import { sink } from './sink.ts'

/**
 * Segment, both ways: endpoints that Segment's own SDKs can be pointed at, and a sink that hands every event on to Segment.
 * Throws a `WaymarkError` when an option is wrong.
 */
export function segment(options: SegmentOptions = {}): Plugin {
  checkOptions(options)
  const name = options.name ?? 'segment'
  const receives = options.receive ?? true
  return {
    name,
    purpose: 'analytics',
    ...(receives ? { sourceNames: sourceLabels(options.writeKeys) } : {}),
    ...(receives ? { routes: routes({ ...options, ...(options.sink === undefined ? {} : { echo: tagOf(options.sink.writeKey) }) }) } : {}),
    ...(options.sink === undefined ? {} : { sink: sink(options.sink) }),
    start(context) {
      if (receives && options.writeKeys === undefined) context.log.warn(`${name}: any write key is let in; name the allowed ones in segment({ writeKeys })`)
    },
  }
}

/** Names somebody gave. A key that is its own name stays out of what metrics show: it is a key. */
function sourceLabels(writeKeys: SegmentOptions['writeKeys']): readonly string[] {
  return writeKeys === undefined || Array.isArray(writeKeys) ? [] : Object.values(writeKeys)
}
