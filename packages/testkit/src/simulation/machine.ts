import type { Channel, Message, Recipient, Snapshot, Store, WaymarkConfig } from '@waymark/core'
import { createHost, type Host } from '@waymark/host'
import { type ChannelReceiver, createChannelReceiver } from './channel-receiver.ts'
import { faultyStore, type Living } from './faulty-store.ts'
import type { ProcessLife } from './ledger.ts'
import { createSinkReceiver, type SinkReceiver } from './sink-receiver.ts'
import type { VendorExport } from './vendor-export.ts'
import type { World } from './world.ts'

/** Where the host runs: starts it, ends it, kills it, and starts it again. */
export interface Machine {
  /** The host that answers now, if one does. */
  host(): Host | undefined
  boot(): void
  /** `kill -9`. The next process is started after `downtime` milliseconds, drawn by lot when left out; never when it is `'none'`. */
  kill(why: string, downtime?: number | 'none'): void
  /** SIGTERM, and `kill -9` when it has not ended within the grace. */
  shutDown(): Promise<Ending>
  /** SIGTERM, after which the next version of the config is started. */
  deploy(): Promise<void>
  /** Dies as it begins to write what it knows to the disk, and resolves to what it knew. */
  dieKnowing(): Promise<readonly Snapshot[]>
}

/** `gone`: there was none, or it crashed on the way. */
export type Ending = 'ended' | 'out of time' | 'gone'

export interface MachineOptions {
  readonly disk: Store
  readonly configFor: (deploy: number) => WaymarkConfig
  /** What is wrong with the host: see `SimulationOptions.plant`. */
  readonly plant: (config: WaymarkConfig) => WaymarkConfig
  readonly asTheyAre: ReadonlySet<string>
  /** What a source of this name fetches from. */
  readonly exportOf: (source: string) => VendorExport
  readonly onTaken: (message: Message, recipient: Recipient) => void
}

/** How long a host may take to end, in milliseconds, before whoever asked it to is out of patience. */
const GRACE = 30_000

interface Process extends Living {
  readonly life: ProcessLife
  readonly stop: () => void
  onCheckpoint: (taken: readonly Snapshot[]) => void
  host?: Host
  dead: boolean
}

export function createMachine(world: World, { disk, configFor, plant, asTheyAre, exportOf, onTaken }: MachineOptions): Machine {
  const { loop, trace, ledger, clock } = world
  const random = world.random('machine')
  // So often that most worlds see it happen amid everything else.
  const checkpointEvery = random.pick([3, 10, 30, 20_000])
  const receivers = new Map<string, ChannelReceiver>()
  const sinks = new Map<string, SinkReceiver>()
  const exports = new Map<string, VendorExport>()
  let current: Process | undefined
  let deployed = 0

  function receiverOf(channel: Channel): ChannelReceiver {
    const there = receivers.get(channel.name) ?? createChannelReceiver(channel, world, onTaken)
    receivers.set(channel.name, there)
    return there
  }
  function sinkOf(name: string): SinkReceiver {
    const there = sinks.get(name) ?? createSinkReceiver(name, world)
    sinks.set(name, there)
    return there
  }
  function exportNamed(source: string): VendorExport {
    const there = exports.get(source) ?? exportOf(source)
    exports.set(source, there)
    return there
  }

  /** The config with its store and its plugins' ways out replaced by those of this world. */
  function simulated(process: Process): WaymarkConfig {
    const config = configFor(process.life.deploy)
    const caller = { number: process.life.number, isDead: process.isDead, crash: process.crash }
    const plugins = (config.plugins ?? []).map((plugin) => {
      const { channel, sink, sources, name } = plugin
      const isReal = asTheyAre.has(name)
      const { routes: _, start: _start, stop: _stop, ...inert } = plugin
      return {
        ...(isReal ? plugin : inert),
        ...(channel === undefined ? {} : { channel: { ...channel, send: receiverOf(channel).sendFrom(caller, isReal ? channel.send : undefined) } }),
        ...(sink === undefined ? {} : { sink: { ...sink, deliver: sinkOf(name).deliverFrom(caller, isReal ? sink.deliver : undefined) } }),
        ...(sources === undefined ? {} : { sources: sources.map((source) => ({ ...source, pull: exportNamed(`${name}:${source.name}`).pullFrom(caller) })) }),
      }
    })
    return plant({ ...config, plugins, store: faultyStore(disk, world, process, { onCheckpoint: (taken) => process.onCheckpoint(taken) }) })
  }

  function boot(): void {
    if (current?.dead === false) return
    const number = ledger.processes.length + 1
    const life: ProcessLife = { number, deploy: deployed, startedAt: clock.now(), trulyStartedAt: loop.now() }
    ledger.processes.push(life)
    const own = clock.forProcess((error) => {
      if (!process.dead) ledger.uncaught.push(`a timer of process ${number}: ${String(error)}`)
    })
    const process: Process = {
      life,
      dead: false,
      isDead: () => process.dead,
      crash: (why) => (process === current ? kill(why) : undefined),
      stop: () => own.stop(),
      onCheckpoint: () => {},
    }
    current = process
    trace.note(`process ${number} starts, deploy ${deployed}`)
    const luck = world.random(`process ${number}`)
    let ids = 0
    const effects = {
      clock: own,
      random: () => luck.next(),
      id: () => `id-${number}-${++ids}`,
      turn: () => loop.wait(luck.between(0, 5)),
    }
    const say = (level: string) => (message: string, fields?: Record<string, unknown>) => {
      if (!process.dead) trace.note(`process ${number} ${level}: ${message}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}`)
    }
    const logger = { debug: () => {}, info: () => {}, warn: say('warns'), error: say('errs') }
    createHost(simulated(process), { effects, logger, metrics: false, checkpointEvery }).then(
      (host) => {
        if (process.dead) return
        process.host = host
        trace.note(`process ${number} is ready`)
      },
      (error: unknown) => {
        if (!process.dead) kill(`could not start: ${String(error)}`)
      },
    )
  }

  function end(process: Process, why: string): void {
    process.dead = true
    process.stop()
    ledger.troubles.push(loop.now())
    trace.note(`process ${process.life.number} ${why}`)
  }

  function kill(why: string, downtime: number | 'none' = drawnDowntime()): void {
    const process = current
    if (process === undefined || process.dead) return
    end(process, `is killed ${why}`)
    if (downtime !== 'none') loop.after(downtime, boot)
  }

  function drawnDowntime(): number {
    return random.pick([200, 5_000, 5_000, 120_000, 3_600_000, 6 * 3_600_000])
  }

  async function shutDown(): Promise<Ending> {
    const process = current
    if (process?.host === undefined || process.dead) return 'gone'
    trace.note(`process ${process.life.number} is asked to end`)
    const closed = process.host.close().then(
      () => true,
      (error: unknown) => {
        if (!process.dead) ledger.uncaught.push(`process ${process.life.number} could not close: ${String(error)}`)
        return false
      },
    )
    const isClosed = await Promise.race([closed, loop.wait(GRACE).then(() => false)])
    if (process.dead) return 'gone'
    end(process, isClosed ? 'has ended' : 'is killed, since it did not end in time')
    return isClosed ? 'ended' : 'out of time'
  }

  return {
    host: () => (current?.dead === false ? current.host : undefined),
    boot,
    kill,
    shutDown,
    async deploy() {
      deployed += 1
      // After a crash the new version is what is started anyway.
      if ((await shutDown()) !== 'gone') loop.after(random.between(500, 20_000), boot)
    },
    async dieKnowing() {
      const process = current
      if (process?.host === undefined) return []
      return new Promise((resolve) => {
        process.onCheckpoint = (taken) => {
          kill('as it begins to write its snapshots', 'none')
          resolve(taken)
        }
        void shutDown().then(() => resolve([]))
      })
    },
  }
}
