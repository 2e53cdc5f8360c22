import type { Plugin } from '@waymark/core'
import { sourceLabels, sourceNames, tagOf } from '@waymark/kit'
import { eraser } from './eraser/eraser.ts'
import { HOSTS } from './hosts.ts'
import type { SegmentOptions } from './options.ts'
import { checkOptions } from './options.ts'
import { routes, webhookRoutes } from './routes/routes.ts'
import { sink } from './sink.ts'

/**
 * Segment, both ways: endpoints that Segment's own SDKs can be pointed at, a webhook for Segment itself, and a sink that hands every event on
 * to Segment. Throws a `WaymarkError` when an option is wrong.
 */
export function segment(options: SegmentOptions = {}): Plugin {
  checkOptions(options)
  const { name = 'segment', receive: receives = true, region = 'us', writeKeys, webhook, privacy, mapping } = options
  const echo = options.sink === undefined ? undefined : tagOf(options.sink.writeKey)
  const webhookSource = webhook?.source ?? `${name}:webhook`
  const { mirror } = options
  const mirrored = mirror === undefined || mirror === false ? undefined : { to: HOSTS[region].events, ...(mirror === true ? {} : mirror) }
  const sourceOf = sourceNames(writeKeys, mirrored === undefined ? undefined : name)
  const offered = [
    ...(receives ? routes({ ...options, sourceOf, echo, mirror: mirrored }) : []),
    ...(webhook === undefined ? [] : webhookRoutes(`/${name}/webhook`, { webhook, source: webhookSource, mapping, echo })),
  ]
  const labels = [...(receives ? sourceLabels(writeKeys, sourceOf) : []), ...(webhook === undefined ? [] : [webhookSource])]
  return {
    name,
    purpose: 'analytics',
    ...(offered.length === 0 ? {} : { routes: offered, sourceNames: labels }),
    ...(options.sink === undefined ? {} : { sink: sink({ host: HOSTS[region].events, ...options.sink }, mapping) }),
    ...(privacy === undefined ? {} : { eraser: eraser(privacy, region) }),
    start(context) {
      if (receives && writeKeys === undefined) context.log.warn(`${name}: any write key is let in; name the allowed ones in segment({ writeKeys })`)
    },
  }
}
