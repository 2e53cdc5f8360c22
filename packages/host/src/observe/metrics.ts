import { type WaymarkConfig, WaymarkError } from '@waymark/core'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { Committed, Work } from '../pipeline.ts'
import { createGauges, type Gauged } from './gauges.ts'
import type { Instruments } from './instruments.ts'

/** What `GET /metrics` shows. A registry of its own: two hosts in one process do not count into each other. */
export interface Metrics {
  readonly instruments: Instruments
  /** The Prometheus text format; gauges are read when it is asked for. */
  scrape(parts: Gauged): Promise<Scraped>
}

export interface Scraped {
  readonly text: string
  readonly contentType: string
}

const OTHER = 'other'
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const LATENESS = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 3_600, 86_400]

/**
 * Counts what the host does. Every label's values come from the config: plugins, channels, rules, segments and the sources that plugins declare.
 * An event of another source counts under `other`, so that nobody outside can make a series.
 */
export function createMetrics(config: WaymarkConfig, now: () => number): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const sources = knownSources(config)
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `waymark_${name}`, help, labelNames: [...labelNames], registers })
  const histogram = <Label extends string>(name: string, help: string, buckets: readonly number[], labelNames: readonly Label[] = []) =>
    new Histogram({ name: `waymark_${name}`, help, labelNames: [...labelNames], buckets: [...buckets], registers })

  const events = counter('events_total', 'Events by what came of them', ['source', 'outcome'])
  const requests = counter('http_requests_total', "Requests to plugins' routes, by status of the answer", ['plugin', 'status'])
  const commitSize = histogram('commit_works', 'Events and timers in one commit', SIZES)
  const commitSeconds = histogram('commit_duration_seconds', 'How long a commit took, from its beginning to the disk', SECONDS)
  const commitFailures = counter('commit_failures_total', 'Commits of which nothing was kept', ['code'])
  const steps = counter('engine_steps_total', 'Steps of the engine', ['kind'])
  const decisions = counter('decisions_total', 'Decisions; reason is the guard that held one back', ['rule', 'outcome', 'reason'])
  const entries = counter('segment_entries_total', 'Profiles that came to be in a member of a segment', ['segment', 'member'])
  const identities = counter('identity_changes_total', 'Ids merged, linked, refused and shared', ['outcome'])
  const deliveries = counter('deliveries_total', 'Messages and events given to plugins, by what came of them', ['plugin', 'stage', 'outcome'])
  const deliverySeconds = histogram('delivery_duration_seconds', 'How long a plugin took to answer: one message, or one batch of events', SECONDS, [
    'plugin',
    'stage',
  ])
  const pages = counter('source_pages_total', 'Pages of a source that were taken in', ['plugin', 'source'])
  const fetched = counter('source_events_total', 'Events on these pages, whatever came of them', ['plugin', 'source'])
  const pullFailures = counter('source_failures_total', 'Pulls that threw', ['plugin', 'source'])
  const lateness = histogram('timer_lateness_seconds', 'How long after its moment a timer was taken up', LATENESS)
  const checkpointSeconds = histogram('checkpoint_duration_seconds', 'How long a checkpoint took', SECONDS)
  const checkpointFailures = counter('checkpoint_failures_total', 'Checkpoints that could not be written', [])
  const labelOf = (source: string): string => (sources.has(source) ? source : OTHER)
  const gauges = createGauges(registers, labelOf)
  const inFlight = new Map<string, number>()
  let processMetrics: Promise<void> | undefined

  function count(works: readonly Work[], committed: Committed): void {
    const told = new Map<string, Map<string, number>>()
    works.forEach((work, index) => {
      if (work.kind !== 'event') return
      const source = labelOf(work.event.source)
      const outcomes = told.get(source) ?? new Map<string, number>()
      const outcome = committed.outcomes[index]?.status ?? 'unknown'
      told.set(source, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1))
    })
    for (const [source, outcomes] of told) for (const [outcome, times] of outcomes) events.inc({ source, outcome }, times)
    for (const [kind, times] of Object.entries(committed.steps)) if (times > 0) steps.inc({ kind }, times)
    for (const { rule, outcome, guard } of committed.decisions) decisions.inc({ rule, outcome, reason: guard ?? '' })
    for (const { segment, to } of committed.changes) if (to !== undefined) entries.inc({ segment, member: to })
    for (const [outcome, times] of Object.entries(committed.identity)) if (times > 0) identities.inc({ outcome }, times)
  }

  function enter(plugin: string, stage: string, by: 1 | -1): void {
    const key = `${plugin} ${stage}`
    inFlight.set(key, (inFlight.get(key) ?? 0) + by)
  }

  /** Measures one call of a plugin; `outcomesOf` reads what came of it. */
  async function called<T>(plugin: string, stage: 'channel' | 'sink', call: () => Promise<T>, outcomesOf: (result: T) => readonly string[]): Promise<T> {
    const start = performance.now()
    enter(plugin, stage, 1)
    try {
      const result = await call()
      for (const outcome of outcomesOf(result)) deliveries.inc({ plugin, stage, outcome })
      return result
    } catch (error) {
      deliveries.inc({ plugin, stage, outcome: 'threw' })
      throw error
    } finally {
      enter(plugin, stage, -1)
      deliverySeconds.observe({ plugin, stage }, (performance.now() - start) / 1_000)
    }
  }

  const instruments: Instruments = {
    ingest: (next) => async (given) => {
      try {
        return await next(given)
      } catch (error) {
        const outcome = codeOf(error) === 'BUSY' ? 'busy' : 'failed'
        for (const event of given) events.inc({ source: labelOf(event.source), outcome })
        throw error
      }
    },
    quarantine: (next) => async (items) => {
      await next(items)
      for (const { source } of items) events.inc({ source: labelOf(source), outcome: 'unreadable' })
    },
    commit: (next) => async (works) => {
      const start = performance.now()
      let committed: Committed
      try {
        committed = await next(works)
      } catch (error) {
        commitFailures.inc({ code: codeOf(error) })
        throw error
      }
      commitSeconds.observe((performance.now() - start) / 1_000)
      commitSize.observe(works.filter(({ kind }) => kind !== 'joined').length)
      count(works, committed)
      return committed
    },
    wake: (next) => (due) => {
      const at = now()
      for (const one of due) lateness.observe(Math.max(0, at - one.at) / 1_000)
      return next(due)
    },
    checkpoint: (next) => async () => {
      const start = performance.now()
      try {
        await next()
      } catch (error) {
        checkpointFailures.inc()
        throw error
      }
      checkpointSeconds.observe((performance.now() - start) / 1_000)
    },
    route: (plugin, _path, next) => async (request, params, context) => {
      const response = await next(request, params, context)
      requests.inc({ plugin: plugin.name, status: String(response.status) })
      return response
    },
    send: (plugin, next) => (message, recipient, context) =>
      called(
        plugin.name,
        'channel',
        () => next(message, recipient, context),
        ({ status }) => [status],
      ),
    deliver: (plugin, next) => (given, context) =>
      called(
        plugin.name,
        'sink',
        () => next(given, context),
        (outcomes) => outcomes.map(({ status }) => status),
      ),
    pull: (plugin, source, next) => {
      const labels = { plugin: plugin.name, source: source.name }
      return async function* (cursor, context) {
        try {
          for await (const page of next(cursor, context)) {
            yield page
            // Asked for the next one: this one is on disk.
            pages.inc(labels)
            fetched.inc(labels, page.events.length)
          }
        } catch (error) {
          pullFailures.inc(labels)
          throw error
        }
      }
    },
  }

  return {
    instruments,
    async scrape(parts) {
      // Not before somebody asks: what watches the event loop and the garbage collector runs for as long as the process does.
      processMetrics ??= watchProcess(registry)
      await processMetrics
      await gauges.read(parts, inFlight)
      return { text: await registry.metrics(), contentType: registry.contentType }
    },
  }
}

/** How long the event loop must have been watched for its delay to be a number, in milliseconds. */
const FIRST_LOOK = 50

async function watchProcess(registry: Registry): Promise<void> {
  collectDefaultMetrics({ register: registry })
  await new Promise((resolve) => setTimeout(resolve, FIRST_LOOK))
}

/** The host's own answers, what comes in by hand, and what plugins say they bring. */
function knownSources({ plugins = [] }: WaymarkConfig): ReadonlySet<string> {
  return new Set(['waymark', ...plugins.flatMap(({ name, sourceNames = [] }) => [name, ...sourceNames])])
}

function codeOf(error: unknown): string {
  return WaymarkError.is(error) ? error.code : 'UNEXPECTED'
}
