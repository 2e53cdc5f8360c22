import type { Clock, WaymarkConfig } from '@waymark/core'
import { Gauge, type Registry } from 'prom-client'
import type { BreakerState } from '../breaker.ts'
import type { Checkpointer } from '../checkpointer.ts'
import type { Committer } from '../committer.ts'
import type { HealthMonitor } from '../health.ts'
import type { Outgoing } from '../outgoing.ts'
import type { Profiles } from '../profiles.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Sources } from '../sources.ts'
import { createLogGauges } from './log-gauges.ts'

/** Where the gauges are read. */
export interface Gauged {
  readonly config: WaymarkConfig
  readonly clock: Clock
  readonly health: HealthMonitor
  readonly committer: Committer
  readonly profiles: Profiles
  readonly timers: Scheduler
  readonly checkpointer: Checkpointer
  readonly outgoing: Outgoing
  readonly sources: Sources
}

export interface Gauges {
  /** `inFlight` counts by plugin and stage, a space between the two. */
  read(parts: Gauged, inFlight: ReadonlyMap<string, number>): Promise<void>
}

const BREAKER_STATES: readonly BreakerState[] = ['closed', 'half-open', 'open']

/** `boundSource` gives a source its label. */
export function createGauges(registers: Registry[], boundSource: (source: string) => string): Gauges {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `waymark_${name}`, help, labelNames: [...labelNames], registers })

  const ready = gauge('ready', '1 while the host takes events')
  const readable = gauge('store_readable', '1 while the store can be asked for what waits in it')
  const waiting = gauge('waiting_works', 'Events and timers that wait for a commit')
  const waitingBytes = gauge('waiting_bytes', 'What they take in memory, about')
  const logSeq = gauge('log_seq', 'The newest log entry that the profiles in memory include')
  const profilesHeld = gauge('profiles', 'Profiles in memory', ['kept'])
  const timersPending = gauge('timers_pending', 'Profiles that something will fall due for')
  const timersDue = gauge('timers_due', 'Profiles that something is overdue for')
  const checkpointAge = gauge('checkpoint_age_seconds', 'Since the newest checkpoint was finished')
  const checkpointBehind = gauge('checkpoint_behind_entries', 'Log entries that recovery would have to read')
  const inFlightNow = gauge('deliveries_in_flight', 'Calls of a plugin that have not answered yet', ['plugin', 'stage'])
  const outbox = gauge('outbox_messages', 'Messages that wait to be sent', ['plugin'])
  const outboxLate = gauge('outbox_overdue_seconds', 'For how long the first of them could have gone', ['plugin'])
  const sinkEntries = gauge('sink_lag_entries', 'Log entries that the sink has not been taken past', ['plugin'])
  const sinkSeconds = gauge('sink_lag_seconds', 'How long ago the first of them was written', ['plugin'])
  const breakers = gauge('breaker_state', '1 for the state that the circuit breaker of a plugin is in', ['plugin', 'stage', 'state'])
  const deadLetters = gauge('dead_letters', 'Events and messages given up or set aside; waiting ones are tried again', ['plugin', 'stage', 'waiting'])
  const pageAge = gauge('source_page_age_seconds', 'Since the newest page of a source was taken in', ['plugin', 'source'])
  const erasures = gauge('erasures', 'Erasures that plugins were asked for', ['plugin', 'state'])
  const overdueErasures = gauge('erasures_overdue', 'Those that should be done by now', ['plugin'])
  const log = createLogGauges(registers)
  const quarantined = gauge('quarantined_events', 'Events in quarantine; readable ones can be replayed', ['source', 'readable'])

  async function readOutgoing({ outgoing }: Gauged): Promise<void> {
    for (const { plugin, stage, waiting: behind, overdue, breaker } of await outgoing.status()) {
      const [entries, seconds] = stage === 'channel' ? [outbox, outboxLate] : [sinkEntries, sinkSeconds]
      entries.set({ plugin }, behind)
      seconds.set({ plugin }, overdue / 1_000)
      for (const state of BREAKER_STATES) breakers.set({ plugin, stage, state }, breaker.state === state ? 1 : 0)
    }
  }

  async function readAside({ config, clock }: Gauged): Promise<void> {
    const plugins = new Set((config.plugins ?? []).map(({ name }) => name))
    for (const { plugin, stage, count, waiting: tried } of await config.store.deadLetterTotals()) {
      // Of a plugin that has left the config there may still be some.
      const labels = { plugin: plugins.has(plugin) ? plugin : 'other', stage }
      deadLetters.inc({ ...labels, waiting: 'yes' }, tried)
      deadLetters.inc({ ...labels, waiting: 'no' }, count - tried)
    }
    for (const { plugin: name, state, count, overdue } of await config.store.erasureTotals(clock.now())) {
      const plugin = plugins.has(name) ? name : 'other'
      erasures.inc({ plugin, state }, count)
      overdueErasures.inc({ plugin }, overdue)
    }
    for (const { source, count, readable } of await config.store.quarantineTotals()) {
      quarantined.inc({ source: boundSource(source), readable: 'yes' }, readable)
      quarantined.inc({ source: boundSource(source), readable: 'no' }, count - readable)
    }
  }

  return {
    async read(parts, inFlight) {
      const { health, committer, profiles, timers, checkpointer, clock } = parts
      const now = clock.now()
      ready.set(health.report().ready ? 1 : 0)
      waiting.set(committer.waiting)
      waitingBytes.set(committer.waitingBytes)
      logSeq.set(profiles.upTo)
      profilesHeld.set({ kept: 'at hand' }, profiles.atHand)
      profilesHeld.set({ kept: 'packed' }, profiles.packed)
      timersPending.set(timers.pending)
      timersDue.set(timers.due(now))
      checkpointAge.set((now - checkpointer.at) / 1_000)
      checkpointBehind.set(checkpointer.behind)
      for (const { plugin, source, pageAt } of parts.sources.status()) {
        if (pageAt !== undefined) pageAge.set({ plugin, source }, (now - pageAt) / 1_000)
      }
      for (const [key, calls] of inFlight) {
        const [plugin = '', stage = ''] = key.split(' ')
        inFlightNow.set({ plugin, stage }, calls)
      }
      // What cannot be read is left out; what the host counts itself is told all the same.
      const stored = [outbox, outboxLate, sinkEntries, sinkSeconds, breakers, deadLetters, erasures, overdueErasures, quarantined, ...log.all]
      for (const one of stored) one.reset()
      try {
        await readOutgoing(parts)
        await readAside(parts)
        await log.read(parts.config.store)
        readable.set(1)
      } catch {
        for (const one of stored) one.reset()
        readable.set(0)
      }
    },
  }
}
