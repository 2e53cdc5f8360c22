import type { Plugin, Source } from '@waymark/core'
import { type SourceOf, sourceLabels, sourceNames, tagOf } from '@waymark/kit'
import { eraser } from './eraser.ts'
import { HOSTS } from './hosts.ts'
import { type AmplitudeOptions, checkOptions } from './options.ts'
import { createRest } from './rest.ts'
import { routes } from './routes/routes.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { sink } from './sink/sink.ts'
import { cohortSource } from './sources/cohort.ts'
import { exportSource } from './sources/export.ts'

/** Where the options name none. */
const GROUP_TYPE = 'group'

/**
 * Amplitude, both ways: endpoints that Amplitude's own SDKs can be pointed at, its exports, cohorts and webhooks as sources, a sink that hands
 * every event on to it, and the deletion of users. Throws a `WaymarkError` when an option is wrong.
 */
export function amplitude(options: AmplitudeOptions = {}): Plugin {
  checkOptions(options)
  const name = options.name ?? 'amplitude'
  const receives = options.receive ?? true
  const groupType = options.groupType ?? GROUP_TYPE
  const echo = options.sink === undefined ? undefined : tagOf(options.sink.apiKey)
  const common = { groupType, echo, ...(options.mapping === undefined ? {} : { mapping: options.mapping }) }
  const mirror = typeof options.mirror === 'object' ? options.mirror : options.mirror === true ? {} : undefined
  const sourceOf = sourceNames(options.apiKeys, mirror === undefined ? undefined : name)
  const eventSource = exportName(options, name, sourceOf)
  const cohortSourceName = `${name}:cohorts`
  const collecting = {
    ...common,
    sourceOf,
    mirror: mirror === undefined ? undefined : { to: HOSTS[options.region ?? 'us'].ingest, ...mirror },
    ...(options.addressHeader === undefined ? {} : { addressHeader: options.addressHeader }),
  }
  const served = [
    ...(receives ? routes(collecting) : []),
    ...(options.webhooks === undefined ? [] : webhookRoutes({ ...common, webhooks: options.webhooks, eventSource, cohortSource: cohortSourceName })),
  ]
  const rest = options.rest === undefined ? undefined : createRest(options.rest, options.region)
  const sources: readonly Source[] =
    rest === undefined || options.rest === undefined
      ? []
      : [
          ...(options.export === undefined || options.export === false
            ? []
            : [exportSource({ ...common, rest: options.rest, ask: rest, options: options.export === true ? {} : options.export, source: eventSource })]),
          ...(options.cohorts ?? []).map((id) => cohortSource({ id, rest, source: cohortSourceName })),
        ]
  return {
    name,
    purpose: 'analytics',
    ...(receives ? { sourceNames: sourceLabels(options.apiKeys, sourceOf) } : {}),
    ...(served.length === 0 ? {} : { routes: served }),
    ...(sources.length === 0 ? {} : { sources }),
    ...(options.sink === undefined ? {} : { sink: sink({ ...options, groupType, sink: options.sink }) }),
    ...(rest === undefined || options.erase === undefined || options.erase === false
      ? {}
      : { eraser: eraser(rest, options.erase === true ? {} : options.erase) }),
    start(context) {
      if (receives && options.apiKeys === undefined) context.log.warn(`${name}: any API key is let in; name the allowed ones in amplitude({ apiKeys })`)
    },
  }
}

/** What was mirrored comes back in exports: under the same name it is known by its ids. */
function exportName(options: AmplitudeOptions, name: string, sourceOf: SourceOf): string {
  const mirrored = options.mirror !== undefined && options.mirror !== false && options.apiKeys !== undefined && options.rest !== undefined
  return (mirrored ? sourceOf(options.rest.apiKey) : undefined) ?? `${name}:export`
}
