import { assertConfig, type Erasure, type IngestOutcome, type NewJournalEntry, type PluginContext, type Transaction, type WaymarkConfig } from '@waymark/core'
import { afterDeliveries } from './after-deliveries.ts'
import { createAside } from './aside.ts'
import { takeCensus } from './census.ts'
import { createCheckpointer } from './checkpointer.ts'
import { createCommitter } from './committer.ts'
import { createCompaction } from './compaction.ts'
import { incompleteIn, readCompaction, sayIncomplete } from './compaction-record.ts'
import { createConversation } from './conversation.ts'
import { engineOf } from './definition.ts'
import { createDoor } from './door.ts'
import { type Effects, realEffects } from './effects.ts'
import { createErasers } from './erasers.ts'
import { erasuresOf, requestErasure } from './erasures.ts'
import { createHealth } from './health.ts'
import type { Host, HostOptions } from './host.ts'
import { createRouter } from './http.ts'
import { nameOf } from './identity.ts'
import { type IdentityChange, ownerOf } from './identity-change.ts'
import { createLogWriter } from './log-writer.ts'
import { jsonLogger } from './logger.ts'
import { BLIND, together, watched } from './observe/instruments.ts'
import { createMetrics } from './observe/metrics.ts'
import { createTraces } from './observe/traces.ts'
import { createOutgoing } from './outgoing.ts'
import { type Committed, runPipeline, type Work } from './pipeline.ts'
import { contextsOf, startPlugins } from './plugins.ts'
import { createProfiles } from './profiles.ts'
import { recover } from './recovery.ts'
import { scrubbed } from './scrub.ts'
import { CLOSE_WITHIN, shutDown } from './shut-down.ts'
import { sound } from './sound.ts'
import { createSources } from './sources.ts'
import { createTimers } from './timers.ts'
import { createTombstones } from './tombstones.ts'
import { warnOf } from './warnings.ts'

/** The cursor a host writes to find out whether it can write. */
const PROBE = 'probe'
/** More than this part of what may wait is waiting: others had better take the next requests. */
const OVERLOADED = 0.75

/**
 * Opens the store, brings memory to where the log stands, does what fell due meanwhile, and starts the plugins.
 * Throws a `WaymarkError` that names the field and the mend when the config is wrong.
 */
export async function createHost(config: WaymarkConfig, options: HostOptions = {}): Promise<Host> {
  assertConfig(config)
  const effects: Effects = { ...realEffects(), ...options.effects }
  const logger = options.logger === undefined ? jsonLogger() : scrubbed(options.logger)
  const { clock } = effects
  const { store } = config
  const engine = engineOf(config)
  const profiles = createProfiles(engine)
  const metrics = options.metrics === false ? undefined : createMetrics(config, clock.now)
  const instruments = together(createTraces(config), metrics?.instruments ?? BLIND)
  const plugins = (config.plugins ?? []).map((plugin) => watched(afterDeliveries(sound(plugin)), instruments))
  const door = createDoor()

  await store.open()
  const tombstones = createTombstones(store)
  try {
    await tombstones.read()
    await recover(config, engine, profiles, logger, clock.now(), options.onProgress)
    for (const one of incompleteIn(await readCompaction(store), engine.reaches, clock.now())) logger.warn(sayIncomplete(one))
  } catch (error) {
    await store.close()
    throw error
  }

  const probe = (): Promise<void> => store.transaction((tx) => tx.setCursor(PROBE, String(clock.now())))
  const health = createHealth({
    clock,
    logger,
    probe,
    isOverloaded: () => committer.load > OVERLOADED,
    ...(options.onLost === undefined ? {} : { onLost: options.onLost }),
  })
  const checkpointer = createCheckpointer({ store, engine, profiles, clock, logger, watch: instruments.checkpoint, every: options.checkpointEvery })
  const run = (works: readonly Work[], tx: Transaction) => runPipeline(config, engine, profiles, [...works, ...outgoing.joined], tx, clock.now(), tombstones)
  const writer = createLogWriter({ store, engine, profiles, clock, run, publish, isClosing: () => closing.signal.aborted })
  const commit = instruments.commit((works) => health.judging(() => writer.write(works)))
  const committer = createCommitter(commit, publish, effects.turn)
  const timers = createTimers({ policy: config.timers, clock, committer, logger, watch: instruments.wake, settled: () => outgoing.messagesIdle() })

  function publish(committed: Committed): void {
    profiles.put(committed.profiles, committed.removed, committed.upTo)
    profiles.know(committed.owners)
    for (const done of committed.joined) done()
    for (const id of committed.removed) timers.set(id, undefined)
    for (const [id, { profile }] of committed.profiles) timers.set(id, engine.nextWake(profile))
    timers.decided(committed.decisions)
    hub.publish(committed.answers)
    warnOf(committed, logger)
    if (committed.decisions.some(({ outcome }) => outcome === 'sent')) outgoing.wakeChannels()
    outgoing.wakeSinks()
    checkpointer.grown()
    try {
      options.onCommit?.(committed)
    } catch (error) {
      logger.error('onCommit threw', { error: String(error) })
    }
  }

  /** Takes events in, and what belongs into their commit. */
  const takeIn = (...more: readonly Work[]) =>
    instruments.ingest(async (events) => {
      door.assertOpen()
      const outcomes = await committer.add([...events.map((event): Work => ({ kind: 'event', event })), ...more])
      const own = outcomes.slice(0, events.length) as readonly IngestOutcome[]
      aside.ingested(events, own)
      return own
    })
  const ingest = takeIn()
  async function change(kind: IdentityChange['kind'], user: string, id: string): Promise<NewJournalEntry> {
    door.assertOpen()
    const told: NewJournalEntry[] = []
    // What is due by now falls due for the two together.
    const profile = kind === 'unmerge' ? await ownerOf(user, store) : undefined
    if (profile !== undefined) await committer.add([{ kind: 'tick', profile, at: clock.now(), now: clock.now() }])
    await committer.add([{ kind: 'identity', change: { kind, user, id }, tell: (entry) => told.push(entry) }])
    return told[0] as NewJournalEntry
  }
  async function erase(user: string): Promise<readonly Erasure[]> {
    door.assertOpen()
    const asked = await requestErasure({ ...config, plugins }, tombstones, user, clock.now())
    erasers.wake()
    outgoing.wakeChannels()
    return asked
  }
  const hub = createConversation(store, effects, logger, ingest)
  const closing = new AbortController()
  const own: PluginContext = {
    log: logger,
    clock,
    signal: closing.signal,
    ingest,
    quarantine: instruments.quarantine((items) => aside.quarantine(items)),
    conversation: hub.conversation,
    async erase(identity) {
      await erase(nameOf(identity))
    },
    id: effects.id,
  }
  const contextOf = contextsOf(plugins, own)
  const outgoing = createOutgoing(
    plugins,
    { config, engine, store, effects, profiles, publish: hub.publish, join: committer.join, erased: tombstones },
    contextOf,
  )
  const aside = createAside({ config, store, clock, logger, wake: outgoing.wake })
  const compaction = createCompaction({ config, engine, store, clock, logger })

  const erasers = createErasers(plugins, { store, effects }, contextOf)
  const sources = createSources(plugins, { store, effects, take: (events, place) => takeIn({ kind: 'cursor', ...place })(events) }, contextOf)

  for (const { profile, at } of await store.wakes()) timers.set(profile, at)
  for (const [id, { profile }] of profiles.dirty()) timers.set(id, engine.nextWake(profile))
  try {
    await startPlugins(plugins, contextOf)
  } catch (error) {
    await store.close()
    throw error
  }
  // Much of what fell due while nobody was looking is done beside what comes in. An event that is sooner brings its user there first.
  await timers.start()
  await outgoing.start()
  await aside.start()
  compaction.start()
  erasers.wake()
  await sources.start()

  const gauged = { config, clock, health, committer, profiles, timers, checkpointer, outgoing, sources }
  const scrape = metrics === undefined ? undefined : () => metrics.scrape(gauged)
  const route = createRouter({ plugins, contextOf, health: health.report, door, watch: instruments.route, ...(scrape === undefined ? {} : { scrape }) })

  let closed: Promise<void> | undefined
  function close(within: number): Promise<void> {
    health.closing()
    timers.stop()
    void aside.stop()
    void compaction.stop()
    return shutDown(
      {
        clock,
        logger,
        door,
        runners: [...sources.runners, ...erasers.runners, ...outgoing.runners],
        committer,
        plugins,
        checkpointer,
        store,
        abort: () => closing.abort(),
      },
      within,
    )
  }
  return {
    config,
    engine,
    conversation: hub.conversation,
    fetch: route,
    ingest,
    unmerge: (user, id) => change('unmerge', user, id),
    merge: (user, id) => change('merge', user, id),
    erase,
    erasures: (user) => erasuresOf(store, tombstones, user),
    census: () => takeCensus(config, engine, profiles),
    deliveries: outgoing.status,
    sources: sources.status,
    retryDeadLetters: aside.retryDeadLetters,
    discardDeadLetters: aside.discardDeadLetters,
    health: health.report,
    metrics: async () => (await scrape?.())?.text ?? '',
    async settled() {
      await committer.idle()
      await outgoing.idle()
      await erasers.idle()
      await committer.idle()
    },
    close: ({ within = CLOSE_WITHIN } = {}) => (closed ??= close(within)),
  }
}
