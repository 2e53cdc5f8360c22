import type { Store, Transaction } from '@waymark/core'
import type { World } from './world.ts'

/** The part of a process that its store must know. */
export interface Living {
  readonly isDead: () => boolean
  /** Ends it on the spot, as `kill -9` does. */
  crash(why: string): void
}

/** What whoever still waits for an answer of a process that is gone hears. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {})

/** Most milliseconds an operation takes, and how many take any. */
const SLOWEST = 40
const SLOW = 0.3

type Operation = (...values: readonly unknown[]) => Promise<unknown>

/**
 * The store as one process sees it: over a disk that outlives it, with the faults a disk and a connection have. Once the process
 * is dead nothing of it reaches the disk any more, and a transaction that was under way is rolled back.
 */
export function faultyStore(disk: Store, world: World, process: Living, hooks: { onCheckpoint(taken: Parameters<Transaction['checkpoint']>[0]): void }): Store {
  const { loop, faults, ledger } = world
  const random = world.random(`store of process ${ledger.processes.length}`)
  let isClosed = false

  async function pause(): Promise<void> {
    if (random.chance(SLOW)) await loop.wait(random.between(1, SLOWEST))
  }

  function fail(what: string): never {
    ledger.troubles.push(loop.now())
    throw new Error(`simulated: ${what}`)
  }

  async function read(name: string, operation: Operation, values: readonly unknown[]): Promise<unknown> {
    if (process.isDead()) return never()
    if (isClosed) throw new Error(`simulated: ${name} of a store that is closed`)
    await pause()
    if (process.isDead()) return never()
    if (faults.strike('read failed')) fail('the store could not be read')
    const result = await operation(...values)
    return process.isDead() ? never() : result
  }

  /** Settlements and checkpoints are noted once they are on disk. */
  function watched(tx: Transaction, life: { failure: unknown }, settled: string[]): Transaction {
    return new Proxy(tx, {
      get(target, name: keyof Transaction & string) {
        const operation = target[name] as Operation
        return async (...values: readonly unknown[]) => {
          if (process.isDead()) throw new Gone()
          if (life.failure !== undefined) throw life.failure
          if (faults.strike('crash in transaction')) process.crash(`in ${name}`)
          if (process.isDead()) throw new Gone()
          if (faults.strike('statement failed')) {
            life.failure = new Error('simulated: a statement failed')
            fail('a statement failed')
          }
          if (name === 'settle' && (values[1] as { state: string }).state !== 'queued') settled.push(values[0] as string)
          if (name === 'checkpoint') hooks.onCheckpoint(values[0] as Parameters<Transaction['checkpoint']>[0])
          if (process.isDead()) throw new Gone()
          return operation(...values)
        }
      },
    })
  }

  async function transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (process.isDead()) return never()
    if (isClosed) throw new Error('simulated: a transaction on a store that is closed')
    await pause()
    if (process.isDead()) return never()
    const settled: string[] = []
    const life = { failure: undefined as unknown }
    let result: T
    try {
      result = await disk.transaction(async (tx) => {
        if (process.isDead()) throw new Gone()
        const done = await work(watched(tx, life, settled))
        if (life.failure !== undefined) throw life.failure
        await pause()
        if (faults.strike('crash before commit')) process.crash('before a commit')
        if (process.isDead()) throw new Gone()
        if (faults.strike('commit failed')) fail('the commit failed')
        return done
      })
    } catch (error) {
      if (process.isDead()) return never()
      throw error
    }
    for (const key of settled) if (!ledger.settledAt.has(key)) ledger.settledAt.set(key, loop.now())
    if (faults.strike('crash after commit')) process.crash('after a commit')
    if (process.isDead()) return never()
    if (faults.strike('commit unknown')) fail('the connection broke while it committed')
    await pause()
    return process.isDead() ? never() : result
  }

  return new Proxy(disk, {
    get(target, name: keyof Store & string) {
      if (name === 'name') return target.name
      if (name === 'transaction') return transaction
      // The disk is open for as long as the world lasts.
      if (name === 'open') return async () => (process.isDead() ? never() : undefined)
      if (name === 'close') {
        return async () => {
          isClosed = true
        }
      }
      const operation = target[name] as Operation | undefined
      return operation === undefined ? undefined : (...values: readonly unknown[]) => read(name, operation, values)
    },
  })
}

/** Rolls back the transaction of a process that is gone. */
class Gone extends Error {}
