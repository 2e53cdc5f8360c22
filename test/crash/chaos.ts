import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { dice } from '../dice.ts'
import { eventOf, keysFor, USERS } from './history.ts'
import { openLedger, readLedger } from './ledger.ts'
import { startReceivers } from './receivers.ts'

export interface ChaosOptions {
  /** Empty; the database and the ledgers are made in it. */
  readonly folder: string
  readonly kills: number
  readonly seed: number
  readonly onKill?: (killed: number, acknowledged: number) => void
}

/** What the ledgers of the load generator and the receivers say; the host's own word is not asked. */
export interface ChaosReport {
  readonly kills: number
  /** Of the kills, those before the host had said that it listens. */
  readonly killedStarting: number
  readonly acknowledged: number
  /** Acknowledged, and never seen by the sink's receiver. */
  readonly lost: readonly string[]
  /** Seen by the sink's receiver, and never sent. */
  readonly invented: readonly string[]
  /** Messages that the history asks for, at the moments it asks for them, and that did not arrive. */
  readonly missing: readonly string[]
  /** Messages that arrived and the history does not ask for: what an event that counted twice would bring about. */
  readonly unasked: readonly string[]
  /** Requests beyond the first for one key, which a receiver that honours keys drops. */
  readonly repeated: number
  /** Messages that a receiver which honours no keys got more than once. */
  readonly doubledPlain: number
  /** Messages that such a receiver did not get, since a second attempt might have doubled them. */
  readonly withheldPlain: number
  /** From the start of a process to its first answer, in milliseconds. */
  readonly slowestStart: number
}

/** Most events in one request. */
const BATCH = 5
/** How long what is left may take to arrive in the end, in milliseconds. */
const DRAIN = 120_000

/** Kills a host again and again in the middle of its work, and in the middle of its start, while events come in without a pause. */
export async function chaos({ folder, kills, seed, onKill }: ChaosOptions): Promise<ChaosReport> {
  const random = dice(seed)
  const receivers = await startReceivers(folder)
  const acknowledgements = openLedger(join(folder, 'acknowledged'))
  /** How many events of each user are acknowledged. */
  const done = Array.from({ length: USERS }, () => 0)
  let acknowledged = 0
  let killedStarting = 0
  let slowestStart = 0

  /** True when the host has acknowledged the batch. What it has not is sent again, as an SDK does, before anything newer. */
  async function send(url: string, user: number, size: number): Promise<boolean> {
    const from = done[user] as number
    const batch = Array.from({ length: size }, (_, index) => eventOf(user, from + index + 1))
    try {
      const response = await fetch(`${url}/v1/batch`, { method: 'POST', body: JSON.stringify({ writeKey: 'k', batch }) })
      await response.arrayBuffer()
      if (!response.ok) return false
    } catch {
      return false
    }
    acknowledgements.write(batch.map(({ messageId }) => messageId))
    done[user] = from + size
    acknowledged += size
    return true
  }

  function start(): { readonly child: ChildProcess; readonly url: Promise<string | undefined> } {
    const since = performance.now()
    const child = spawn(
      process.execPath,
      ['--conditions=@waymark/source', join(import.meta.dirname, 'host-process.ts'), join(folder, 'host.db'), receivers.url],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const said = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line').then(([port]) => {
      slowestStart = Math.max(slowestStart, performance.now() - since)
      return `http://127.0.0.1:${port}`
    })
    return { child, url: Promise.race([said, once(child, 'exit').then(() => undefined)]) }
  }

  async function load(child: ChildProcess, url: string): Promise<void> {
    await Promise.all(
      done.map(async (_, user) => {
        while (child.signalCode === null && child.exitCode === null) if (!(await send(url, user, 1 + random(BATCH)))) await soon()
      }),
    )
  }

  try {
    for (let killed = 0; killed < kills; killed += 1) {
      const { child, url } = start()
      const exited = once(child, 'exit')
      // One in five before it listens, or hardly after; the others once it has proven to be in the middle of work.
      if (random(5) === 0) {
        const timer = setTimeout(() => child.kill('SIGKILL'), random(1_000))
        const address = await url
        if (address === undefined) killedStarting += 1
        else await load(child, address)
        clearTimeout(timer)
      } else {
        const address = await url
        if (address === undefined) throw new Error('the host ended by itself while it started')
        const until = acknowledged + 1 + random(300)
        const watch = setInterval(() => {
          if (acknowledged >= until) child.kill('SIGKILL')
        }, 1)
        await load(child, address)
        clearInterval(watch)
      }
      await exited
      if (child.signalCode !== 'SIGKILL') throw new Error(`the host ended by itself: ${child.signalCode ?? `exit code ${child.exitCode}`}`)
      onKill?.(killed + 1, acknowledged)
    }
    await finish()
  } finally {
    await receivers.close()
    acknowledgements.close()
  }
  return report()

  /** One more life, in which everything that is left goes out. */
  async function finish(): Promise<void> {
    const { child, url } = start()
    const address = await url
    if (address === undefined) throw new Error('the host ended by itself while it started')
    for (let user = 0; user < USERS; user += 1) if (!(await send(address, user, BATCH))) throw new Error('the last events were not acknowledged')
    const until = performance.now() + DRAIN
    while (performance.now() < until) {
      const { lost, missing } = report()
      if (lost.length === 0 && missing.length === 0) break
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    child.kill('SIGTERM')
    await once(child, 'exit')
  }

  function report(): ChaosReport {
    const acked = readLedger(join(folder, 'acknowledged'))
    const events = new Set(readLedger(join(folder, 'events')))
    const keyed = readLedger(join(folder, 'keyed'))
    const effects = new Set(keyed)
    const asked = new Set(done.flatMap((times, user) => keysFor('keyed', user, times)))
    const plain = readLedger(join(folder, 'plain'))
    const askedPlain = done.flatMap((times, user) => keysFor('plain', user, times))
    const sent = new Set(acked)
    return {
      kills,
      killedStarting,
      acknowledged: acked.length,
      lost: acked.filter((id) => !events.has(id)),
      invented: [...events].filter((id) => !sent.has(id)),
      missing: [...asked].filter((key) => !effects.has(key)),
      unasked: [...effects, ...plain].filter((key) => !asked.has(key) && !askedPlain.includes(key)),
      repeated: keyed.length - effects.size,
      doubledPlain: plain.length - new Set(plain).size,
      withheldPlain: askedPlain.filter((key) => !plain.includes(key)).length,
      slowestStart: Math.round(slowestStart),
    }
  }
}

async function soon(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1))
}
