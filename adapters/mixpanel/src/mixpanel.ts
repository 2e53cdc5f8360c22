import type { Plugin, PluginContext, Source } from '@waymark/core'
import { sourceLabels, sourceNames, tagOf } from '@waymark/kit'
import { checkOptions } from './check-options.ts'
import { cohorts } from './cohorts/cohorts.ts'
import { eraser } from './eraser.ts'
import type { Arrival } from './from-mixpanel.ts'
import { HOSTS } from './hosts.ts'
import type { MixpanelOptions } from './options.ts'
import type { Collecting } from './routes/collect.ts'
import { routes } from './routes/routes.ts'
import { sink } from './sink/sink.ts'
import { rawExport } from './sources/raw-export.ts'
import { storedProfiles } from './sources/stored-profiles.ts'

/**
 * Mixpanel, both ways: endpoints that Mixpanel's own SDKs can be pointed at, its export, profiles and cohorts as sources, a sink that hands every
 * event on, and an eraser. Throws a `WaymarkError` when an option is wrong.
 */
export function mixpanel(options: MixpanelOptions = {}): Plugin {
  checkOptions(options)
  const { name = 'mixpanel', receive = true, tokens, groupKey = 'company', mapping, cohorts: synced } = options
  const shared = { groupKey, mapping, echo: options.sink === undefined ? undefined : tagOf(options.sink.token) }
  const mirror = mirrorOf(options)
  const sourceOf = sourceNames(tokens, mirror === undefined ? undefined : name)
  const collecting: Collecting = { ...shared, sourceOf, mirror }
  const sync = synced === undefined ? undefined : cohorts(name, synced)
  const sources = [...pulled(options, name, shared), ...(sync === undefined ? [] : [sync.source])]
  return {
    name,
    purpose: 'analytics',
    sourceNames: [...(receive ? sourceLabels(tokens, sourceOf) : []), ...sources.map((source) => `${name}:${source.name}`)],
    routes: [...(receive ? routes(collecting) : []), ...(sync === undefined ? [] : [sync.route])],
    sources,
    ...(options.sink === undefined ? {} : { sink: sink({ ...options, sink: options.sink }) }),
    ...(options.eraser === undefined ? {} : { eraser: eraser({ ...options, eraser: options.eraser }) }),
    start(context) {
      if (receive && tokens === undefined) context.log.warn(`${name}: any token is let in; name the allowed ones in mixpanel({ tokens })`)
    },
  }
}

function pulled(options: MixpanelOptions, plugin: string, shared: Pick<Arrival, 'groupKey' | 'mapping' | 'echo'>): readonly Source[] {
  const { serviceAccount, export: exported, profiles } = options
  if (serviceAccount === undefined) return []
  const arrivalOf =
    (source: string) =>
    (context: PluginContext): Arrival => ({ ...shared, source: `${plugin}:${source}`, receivedAt: context.clock.now(), id: () => context.id() })
  return [
    ...(exported === undefined ? [] : [rawExport({ ...options, serviceAccount, export: exported }, arrivalOf('export'))]),
    ...(profiles === undefined ? [] : [storedProfiles({ ...options, serviceAccount, profiles }, arrivalOf('profiles'))]),
  ]
}

function mirrorOf({ mirror, region = 'us' }: MixpanelOptions): Collecting['mirror'] {
  if (mirror === undefined || mirror === false) return undefined
  return { to: HOSTS[region].ingest, ...(mirror === true ? {} : mirror) }
}
