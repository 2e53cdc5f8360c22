import {
  assertConfig,
  type CanonicalEvent,
  type Channel,
  type Conversation,
  type Engine,
  type IngestOutcome,
  type Logger,
  type NewJournalEntry,
  type Plugin,
  type PluginContext,
  type Sink,
  type WaymarkConfig,
  WaymarkError,
} from '@waymark/core'
import { type Census, takeCensus } from './census.ts'
import { createCommitter } from './committer.ts'
import { createConversation } from './conversation.ts'
import { engineOf } from './definition.ts'
import { createDelivery } from './delivery.ts'
import { type Effects, realEffects } from './effects.ts'
import { createRouter } from './http.ts'
import { type IdentityChange, ownerOf } from './identity-change.ts'
import { jsonLogger } from './logger.ts'
import { type Committed, runPipeline } from './pipeline.ts'
import { createProfiles } from './profiles.ts'
import { checkpoint, recover } from './recovery.ts'
import { createScheduler } from './scheduler.ts'
import { createSinkRunner } from './sink.ts'
import { warnOf } from './warnings.ts'

export interface HostOptions {
  readonly effects?: Partial<Effects>
  readonly logger?: Logger
  /** Called after each commit, with what came of it. */
  readonly onCommit?: (committed: Committed) => void
}

/** A config at work. */
export interface Host {
  readonly config: WaymarkConfig
  readonly engine: Engine
  readonly conversation: Conversation
  /** The web-standard handler: give it to any server. */
  fetch(request: Request): Promise<Response>
  /** One outcome per event, in order; resolves when the accepted ones are on disk. */
  ingest(events: readonly CanonicalEvent[]): Promise<readonly IngestOutcome[]>
  /**
   * Takes an id out of a user again: it becomes a profile of its own with the history, the messages and the sends that were its own, and the
   * two do not merge again by themselves. Nothing is sent for it. Resolves to what the journal says, once it is on disk; rejects
   * with a `WaymarkError` when the id is none of the user's.
   */
  unmerge(user: string, id: string): Promise<NewJournalEntry>
  /** Makes an id one of a user's, also where the two were taken apart. */
  merge(user: string, id: string): Promise<NewJournalEntry>
  /** How many profiles there are, and how many of them each member of each segment has. */
  census(): Promise<Census>
  /** Resolves when what has come in is committed, and what is due has gone out. */
  settled(): Promise<void>
  /** Finishes what is under way, writes a checkpoint and lets go of everything. */
  close(): Promise<void>
}

/** Log entries after which the profiles are written to their snapshots: about what recovery has to read again at most. */
const CHECKPOINT_EVERY = 20_000

/**
 * Opens the store, brings memory to where the log stands, does what fell due meanwhile, and starts the plugins.
 * Throws a `WaymarkError` that names the field and the mend when the config is wrong.
 */
export async function createHost(config: WaymarkConfig, options: HostOptions = {}): Promise<Host> {
  assertConfig(config)
  const effects: Effects = { ...realEffects(), ...options.effects }
  const logger = options.logger ?? jsonLogger()
  const { clock } = effects
  const { store } = config
  const plugins = config.plugins ?? []
  const engine = engineOf(config)
  const profiles = createProfiles(engine)
  let state: 'starting' | 'ready' | 'closing' = 'starting'

  await store.open()
  await recover(store, engine, profiles, logger, clock.now())

  const committer = createCommitter((works) => store.transaction((tx) => runPipeline(config, engine, profiles, works, tx, clock.now())), publish)

  function publish(committed: Committed): void {
    profiles.put(committed.profiles, committed.removed, committed.upTo)
    for (const id of committed.removed) scheduler.set(id, undefined)
    for (const [id, { profile }] of committed.profiles) scheduler.set(id, engine.nextWake(profile))
    hub.publish(committed.answers)
    warnOf(committed, logger)
    if (committed.decisions.some(({ outcome }) => outcome === 'sent')) for (const delivery of deliveries) delivery.wake()
    for (const sink of sinks) sink.wake()
    if (profiles.upTo - checkpointedTo >= CHECKPOINT_EVERY) void writeCheckpoint()
    try {
      options.onCommit?.(committed)
    } catch (error) {
      logger.error('onCommit threw', { error: String(error) })
    }
  }

  let checkpointedTo = profiles.upTo
  let checkpoints: Promise<void> = Promise.resolve()
  /** One after the other: an older one must not be written over a newer one. */
  function writeCheckpoint(): Promise<void> {
    checkpointedTo = profiles.upTo
    checkpoints = checkpoints
      .then(() => checkpoint(store, engine, profiles))
      .catch((error: unknown) => logger.error('a checkpoint could not be written; recovery will read more of the log', { error: String(error) }))
    return checkpoints
  }

  async function tick(profile: string, at: number): Promise<void> {
    try {
      await committer.add([{ kind: 'tick', profile, at, now: clock.now() }])
    } catch (error) {
      logger.error('what fell due could not be written; trying again', { profile, error: String(error) })
      scheduler.set(profile, clock.now() + 1_000)
    }
  }
  const scheduler = createScheduler(
    clock,
    async (due) => {
      await Promise.all(due.map(({ profile, at }) => tick(profile, at)))
    },
    settleDeliveries,
  )

  async function ingest(events: readonly CanonicalEvent[]): Promise<readonly IngestOutcome[]> {
    if (state === 'closing') throw new WaymarkError('BUSY', 'the host is closing', { mend: 'send the events again in a moment' })
    return (await committer.add(events.map((event) => ({ kind: 'event', event })))) as readonly IngestOutcome[]
  }
  async function change(kind: IdentityChange['kind'], user: string, id: string): Promise<NewJournalEntry> {
    if (state === 'closing') throw new WaymarkError('BUSY', 'the host is closing', { mend: 'do it again in a moment' })
    const told: NewJournalEntry[] = []
    // What is due by now falls due for the two together.
    const profile = kind === 'unmerge' ? await ownerOf(user, store) : undefined
    if (profile !== undefined) await committer.add([{ kind: 'tick', profile, at: clock.now(), now: clock.now() }])
    await committer.add([{ kind: 'identity', change: { kind, user, id }, tell: (entry) => told.push(entry) }])
    return told[0] as NewJournalEntry
  }
  const hub = createConversation(store, effects, logger, ingest)

  const contexts = new Map(plugins.map((plugin) => [plugin, contextOf(plugin)]))
  function contextOf(plugin: Plugin): PluginContext {
    const at = { plugin: plugin.name }
    return {
      log: {
        debug: (message, fields) => logger.debug(message, { ...at, ...fields }),
        info: (message, fields) => logger.info(message, { ...at, ...fields }),
        warn: (message, fields) => logger.warn(message, { ...at, ...fields }),
        error: (message, fields) => logger.error(message, { ...at, ...fields }),
      },
      clock,
      ingest,
      quarantine: (items) => store.transaction((tx) => tx.quarantine(items, clock.now())),
      conversation: hub.conversation,
      id: effects.id,
    }
  }
  const parts = (plugin: Plugin) => ({ config, engine, store, effects, profiles, publish: hub.publish, context: contexts.get(plugin) as PluginContext })
  const deliveries = plugins
    .filter((plugin): plugin is Plugin & { channel: Channel } => plugin.channel !== undefined)
    .map((plugin) => createDelivery(plugin, parts(plugin)))
  const sinks = plugins
    .filter((plugin): plugin is Plugin & { sink: Sink } => plugin.sink !== undefined)
    .map((plugin) => createSinkRunner(plugin, parts(plugin)))

  async function settleDeliveries(): Promise<void> {
    await Promise.all(deliveries.map((delivery) => delivery.idle()))
  }

  for (const { profile, at } of await store.wakes()) scheduler.set(profile, at)
  for (const [id, { profile }] of profiles.dirty()) scheduler.set(id, engine.nextWake(profile))
  const started: Plugin[] = []
  try {
    for (const plugin of plugins) {
      await plugin.start?.(contexts.get(plugin) as PluginContext)
      started.push(plugin)
    }
  } catch (error) {
    for (const plugin of started.reverse()) await plugin.stop?.()
    await store.close()
    throw error
  }
  // What fell due while nobody was looking is decided before new events come in.
  await scheduler.start()
  for (const delivery of deliveries) delivery.wake()
  await Promise.all(sinks.map((sink) => sink.start()))
  state = 'ready'

  const route = createRouter(
    plugins,
    (plugin) => contexts.get(plugin) as PluginContext,
    () => (state === 'ready' ? { ready: true } : { ready: false, reason: `the host is ${state}` }),
  )
  async function settled(): Promise<void> {
    await committer.idle()
    await settleDeliveries()
    await Promise.all(sinks.map((sink) => sink.idle()))
    await committer.idle()
  }

  let closed: Promise<void> | undefined
  async function shutDown(): Promise<void> {
    state = 'closing'
    scheduler.stop()
    await committer.idle()
    await Promise.all([...deliveries, ...sinks].map((loop) => loop.stop()))
    for (const plugin of [...plugins].reverse()) {
      try {
        await plugin.stop?.()
      } catch (error) {
        logger.error('a plugin did not stop as it should', { plugin: plugin.name, error: String(error) })
      }
    }
    await writeCheckpoint()
    await store.close()
  }

  return {
    config,
    engine,
    conversation: hub.conversation,
    fetch: route,
    ingest,
    unmerge: (user, id) => change('unmerge', user, id),
    merge: (user, id) => change('merge', user, id),
    census: () => takeCensus(config, engine, profiles),
    settled,
    close: () => (closed ??= shutDown()),
  }
}
