import { assertConfig, type Engine, type JsonObject, type Store, type WaymarkConfig } from '@waymark/core'
import { createClients } from './clients.ts'
import { live } from './course.ts'
import { createEventLoop } from './event-loop.ts'
import { createDraw, type Examples } from './examples.ts'
import { createFaults, type FaultKind } from './faults.ts'
import { createLedger } from './ledger.ts'
import { createMachine } from './machine.ts'
import { createMachineClock } from './machine-clock.ts'
import type { Violation } from './oracle/facts.ts'
import { judge } from './oracle/oracle.ts'
import { randomOf } from './random.ts'
import { remembering } from './remembering-store.ts'
import { createTrace } from './trace.ts'
import { createVendorExport } from './vendor-export.ts'
import { engineOf, rulesThatCame, versionsRun } from './versions.ts'
import { createWorkload } from './workload.ts'
import type { World } from './world.ts'

export interface SimulationOptions {
  /**
   * What the host runs. A function is asked for each version that is deployed while the world goes on, from 0; it gives a new config
   * each time, and the last version again when it has no more. Plugins do not reach the world outside: see `asTheyAre`.
   */
  readonly config: WaymarkConfig | ((deploy: number) => WaymarkConfig)
  /** A new, empty store for each world, in place of the config's: `() => sqlite(':memory:')`. */
  readonly store: () => Store
  /** Fixes everything: who does what, and what goes wrong. */
  readonly seed: number
  /** Properties of the plan's events, where the conditions do not say what fits. */
  readonly examples?: Examples
  /** Traits that people may have. Default: none. */
  readonly traits?: readonly JsonObject[]
  /** How often a new version is deployed while people are about. Default: 0 to 2 times, drawn by lot. */
  readonly deploys?: number
  /**
   * Names of plugins whose own `send` and `deliver` are called, when the line holds. Others are replaced by receivers that take everything, and sources by
   * exports of people of the world's own. They must do
   * without clocks, chance and I/O other than the context's, or worlds of one seed differ.
   */
  readonly asTheyAre?: readonly string[]
  /** Called once for each world. What comes back changes each config just before a host is made of it: to plant a fault, and see that it is found. */
  readonly plant?: () => (config: WaymarkConfig) => WaymarkConfig
  /** What of the world of this seed to leave out. */
  readonly without?: { readonly faults?: readonly FaultKind[] /** By their place in the workload. */; readonly acts?: ReadonlySet<number> }
}

export interface Simulation {
  readonly seed: number
  /** Empty when every promise was kept. */
  readonly violations: readonly Violation[]
  /** What happened, a line each, with the time since the beginning in seconds. */
  readonly trace: readonly string[]
  /** The same for worlds in which the same happened. */
  readonly hash: string
  readonly counts: {
    readonly acts: number
    readonly events: number
    readonly logged: number
    readonly messages: number
    readonly processes: number
    readonly faults: ReadonlyMap<FaultKind, number>
  }
}

const START = Date.UTC(2026, 2, 2, 10)
const DAY = 86_400_000
/** Runs one world: a host under people who use its product, on a machine and a network that fail. Everything in it follows from the seed. */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const { seed } = options
  const { config: given } = options
  const configFor = typeof given === 'function' ? given : () => given
  assertConfig(configFor(0))
  const random = (name: string) => randomOf(seed, name)
  const loop = createEventLoop(START, random('order'))
  const trace = createTrace(START, loop.now)
  const faults = createFaults(seed, trace, new Set(options.without?.faults))
  const world: World = { loop, clock: createMachineClock(loop, random('timers')), faults, trace, ledger: createLedger(), random }
  const choices = random('choices')
  const deniesAnalytics = choices.chance(0.3)
  const length = choices.between(1, 3) * DAY
  const draw = createDraw(configFor(0), options.examples ?? {}, options.traits ?? [])
  const workload = createWorkload(draw, random('workload'), {
    start: START,
    length,
    deploys: options.deploys ?? choices.between(0, 2),
    deniesAnalytics,
  })
  const acts = workload.filter((_, index) => options.without?.acts?.has(index) !== true)

  const { store: disk, log } = remembering(options.store())
  await disk.open()
  const plant = options.plant?.() ?? ((config: WaymarkConfig) => config)
  const clients = createClients(world, () => machine)
  const machine = createMachine(world, {
    ...{ disk, configFor, plant, asTheyAre: new Set(options.asTheyAre), onTaken: clients.shown },
    exportOf: (source) => createVendorExport(source, world, draw, length),
  })

  const { violations, known, disk: found } = await live({ world, machine, clients, acts, disk, log })
  const configs = versionsRun(world, configFor)
  const config = configs.at(-1) as WaymarkConfig
  const engines = configs.map(engineOf)
  const broken =
    found === undefined
      ? []
      : judge({
          ...found,
          ledger: world.ledger,
          config,
          configs,
          engine: engines.at(-1) as Engine,
          isRedefined: new Set(engines.map(({ fingerprint }) => fingerprint)).size > 1,
          cameAt: rulesThatCame(world, configs),
          deniesAnalytics,
          now: world.clock.now(),
          clockSpread: world.clock.spread,
          known,
        })
  return {
    seed,
    violations: [...violations, ...broken],
    trace: trace.lines,
    hash: trace.hash(),
    counts: {
      acts: workload.length,
      events: world.ledger.events.size,
      logged: found?.log.length ?? 0,
      messages: found?.messages.size ?? 0,
      processes: world.ledger.processes.length,
      faults: faults.counts,
    },
  }
}
