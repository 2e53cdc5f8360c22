import type { LogEntry, Snapshot, Store } from '@waymark/core'
import type { Clients } from './clients.ts'
import type { Machine } from './machine.ts'
import { type Disk, type Facts, readDisk, type Violation } from './oracle/facts.ts'
import type { Act } from './workload.ts'
import type { World } from './world.ts'

/** What a world has come to. */
export interface Outcome {
  /** What was seen to be wrong on the way: something did not come about. */
  readonly violations: readonly Violation[]
  readonly known: Facts['known']
  /** Undefined when the store does not answer any more. */
  readonly disk: Disk | undefined
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** How long after everything works again clients may still wait for an answer. */
const PATIENCE = 12 * HOUR
/** Longer than the longest backoff, and than what a receiver asks to be left alone for. */
const CALM = 3 * DAY

/** Acts and faults to their end, then days in which everything works, a last crash, and an ordered end. */
export async function live(parts: {
  readonly world: World
  readonly machine: Machine
  readonly clients: Clients
  readonly acts: readonly Act[]
  readonly disk: Store
  /** Everything that was ever logged. */
  readonly log: () => readonly LogEntry[]
}): Promise<Outcome> {
  const { world, machine, clients, acts, disk, log } = parts
  const { loop, faults, trace } = world
  const violations: Violation[] = []
  const start = loop.now()

  machine.boot()
  for (const act of acts) loop.after(act.at - start, () => perform(act, world, machine, clients))
  await loop.run((acts.at(-1)?.at ?? start) + HOUR)
  faults.stop()
  trace.note('everything works from now on')
  if (!(await loop.run(loop.now() + PATIENCE, () => clients.isDone() && machine.host() !== undefined))) {
    violations.push({ check: 'stuck', what: machine.host() === undefined ? 'there is no host that answers' : 'clients still wait for an answer' })
  }
  await loop.run(loop.now() + CALM)
  const known = await remembered(world, machine, disk)
  violations.push(...known.violations, ...(await startedAndEnded(world, machine, 2 * DAY)))
  const found = await awaited(world, readDisk(disk))
  if (found === undefined) violations.push({ check: 'stuck', what: 'the store does not answer: a transaction never ends' })
  else await disk.close()
  return { violations, known, disk: found === undefined ? undefined : { ...found, log: log() } }
}

function perform(act: Act, { faults, clock, trace }: World, machine: Machine, clients: Clients): void {
  switch (act.kind) {
    case 'batch':
      clients.send(act.device, act.events)
      break
    case 'deploy':
      void machine.deploy()
      break
    case 'kill':
      if (faults.has('process killed')) machine.kill('out of the blue')
      break
    case 'jump':
      if (!faults.has('clock jumped')) break
      trace.note(`the clock jumps by ${act.by} ms`)
      clock.jump(act.by)
  }
}

/** Starts the host, gives it so long, and ends it. */
async function startedAndEnded(world: World, machine: Machine, milliseconds: number): Promise<readonly Violation[]> {
  const { loop } = world
  machine.boot()
  if (!(await loop.run(loop.now() + HOUR, () => machine.host() !== undefined))) return [{ check: 'stuck', what: 'the host does not start' }]
  await loop.run(loop.now() + milliseconds)
  const ending = await awaited(world, machine.shutDown())
  return ending === 'ended' ? [] : [{ check: 'stuck', what: `asked to end while nothing fails, the host was ${ending ?? 'silent'}` }]
}

/** What a process knew as it died, and what the next one made of snapshots and log; nothing when more came to the log meanwhile. */
async function remembered(world: World, machine: Machine, disk: Store): Promise<Facts['known'] & { readonly violations: readonly Violation[] }> {
  const before = (await awaited(world, machine.dieKnowing())) ?? []
  const seq = await awaited(world, disk.lastSeq())
  const violations = await startedAndEnded(world, machine, 0)
  const isSame = (await awaited(world, disk.lastSeq())) === seq
  const after = await awaited(world, disk.snapshots(before.map(({ profile }) => profile.id)))
  return { before: isSame ? before : [], after: after ?? new Map<string, Snapshot>(), violations }
}

/** The world goes on until it comes about, for a store may be held by what must come first; undefined when it does not. */
async function awaited<T>({ loop }: World, coming: Promise<T>): Promise<T | undefined> {
  let result: { readonly value: T } | undefined
  void coming.then((value) => {
    result = { value }
  })
  await loop.run(loop.now() + HOUR, () => result !== undefined)
  return result?.value
}
