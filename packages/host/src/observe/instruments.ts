import type { CanonicalEvent, Channel, IngestOutcome, Plugin, PluginContext, Route, Sink, Source } from '@waymark/core'
import type { Committed, Work } from '../pipeline.ts'

export type Ingest = (events: readonly CanonicalEvent[]) => Promise<readonly IngestOutcome[]>
export type Quarantine = PluginContext['quarantine']
export type Commit = (works: readonly Work[]) => Promise<Committed>
export type Wake = (due: readonly { readonly profile: string; readonly at: number }[]) => Promise<void>
export type WriteCheckpoint = () => Promise<void>

/**
 * What watches the host at work. Each member is given a way of doing something and gives back the same with its own eyes on it: it calls it once, and
 * passes on what it comes to.
 */
export interface Instruments {
  ingest(next: Ingest): Ingest
  /** What could not even be read as an event. */
  quarantine(next: Quarantine): Quarantine
  commit(next: Commit): Commit
  /** What falls due by time. */
  wake(next: Wake): Wake
  checkpoint(next: WriteCheckpoint): WriteCheckpoint
  route(plugin: Plugin, path: string, next: Route['handle']): Route['handle']
  send(plugin: Plugin, next: Channel['send']): Channel['send']
  deliver(plugin: Plugin, next: Sink['deliver']): Sink['deliver']
  pull(plugin: Plugin, source: Source, next: Source['pull']): Source['pull']
}

export const BLIND: Instruments = {
  ingest: (next) => next,
  quarantine: (next) => next,
  commit: (next) => next,
  wake: (next) => next,
  checkpoint: (next) => next,
  route: (_plugin, _path, next) => next,
  send: (_plugin, next) => next,
  deliver: (_plugin, next) => next,
  pull: (_plugin, _source, next) => next,
}

export function together(outer: Instruments, inner: Instruments): Instruments {
  return {
    ingest: (next) => outer.ingest(inner.ingest(next)),
    quarantine: (next) => outer.quarantine(inner.quarantine(next)),
    commit: (next) => outer.commit(inner.commit(next)),
    wake: (next) => outer.wake(inner.wake(next)),
    checkpoint: (next) => outer.checkpoint(inner.checkpoint(next)),
    route: (plugin, path, next) => outer.route(plugin, path, inner.route(plugin, path, next)),
    send: (plugin, next) => outer.send(plugin, inner.send(plugin, next)),
    deliver: (plugin, next) => outer.deliver(plugin, inner.deliver(plugin, next)),
    pull: (plugin, source, next) => outer.pull(plugin, source, inner.pull(plugin, source, next)),
  }
}

/** The plugin, its sources, channel and sink being watched. */
export function watched<P extends Plugin>(plugin: P, instruments: Instruments): P {
  const { channel, sink, sources } = plugin
  return {
    ...plugin,
    ...(sources === undefined
      ? {}
      : {
          sources: sources.map((source) => ({
            ...source,
            pull: instruments.pull(plugin, source, (cursor, context) => source.pull(cursor, context)),
          })),
        }),
    ...(channel === undefined
      ? {}
      : { channel: { ...channel, send: instruments.send(plugin, (message, recipient, context) => channel.send(message, recipient, context)) } }),
    ...(sink === undefined ? {} : { sink: { ...sink, deliver: instruments.deliver(plugin, (events, context) => sink.deliver(events, context)) } }),
  }
}
