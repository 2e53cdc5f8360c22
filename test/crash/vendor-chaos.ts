import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Store } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import { dice } from '../dice.ts'
import { exported, isLeaver, learnedFrom, leaver } from './export.ts'
import { readLedger } from './ledger.ts'
import { startVendor } from './vendor.ts'

/** What the database and the ledgers of the vendor say. Empty lists are as it should be. */
export interface VendorChaosReport {
  readonly kills: number
  readonly killedStarting: number
  /** Kills with somebody's erasure written down, and not confirmed. */
  readonly killedErasing: number
  readonly pages: number
  /** After a kill: events of pages that the cursor is beyond, and that are not in the log. */
  readonly ahead: readonly string[]
  /** Events that are in the log more than once. */
  readonly doubled: readonly string[]
  /** In the log after it was said that their user is forgotten. */
  readonly afterErasure: readonly string[]
  /** Events and news that the vendor was not given. */
  readonly lost: readonly string[]
  /** News it was given under more than one message id. */
  readonly toldTwice: readonly string[]
  /** News that the pages do not give rise to. */
  readonly invented: readonly string[]
  /** Of those who are to be forgotten, those the vendor was not asked for, or has not confirmed. */
  readonly remembered: readonly string[]
  /** Requests beyond the first to forget somebody, and events beyond the first of an id. */
  readonly askedAgain: number
  readonly takenAgain: number
}

/** How far the clock of each process is ahead of the one before: what a dead one had claimed is free again. In milliseconds. */
const AHEAD = 300_000
const DRAIN = 60_000

/** Kills a host again and again while it pulls a source, tells a sink what it finds out and has people forgotten. */
export async function vendorChaos({
  folder,
  kills,
  seed,
}: {
  readonly folder: string
  readonly kills: number
  readonly seed: number
}): Promise<VendorChaosReport> {
  const random = dice(seed)
  const file = join(folder, 'host.db')
  const vendor = await startVendor(folder, kills)
  /** By user, the newest log entry when it was said that they are forgotten. */
  const erased = new Map<string, number>()
  const ahead = new Set<string>()
  let asked = 0
  let lives = 0
  let killedStarting = 0
  let killedErasing = 0

  function start(): { readonly child: ChildProcess; readonly isStarted: Promise<boolean> } {
    lives += 1
    const script = join(import.meta.dirname, 'vendor-process.ts')
    const args = ['--conditions=@waymark/source', script, file, vendor.url, String(lives * AHEAD)]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin?.on('error', () => {})
    const started = Promise.withResolvers<boolean>()
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const [word, user, upTo] = line.split(' ')
      if (word === 'started') started.resolve(true)
      else erased.set(user as string, Number(upTo))
    })
    child.once('exit', () => started.resolve(false))
    return { child, isStarted: started.promise }
  }

  /** Whoever was not said to be forgotten is asked for again, as a team does. */
  function erase(child: ChildProcess): void {
    for (let index = 0; index < asked; index += 1) if (!erased.has(leaver(index))) child.stdin?.write(`${leaver(index)}\n`)
  }

  try {
    for (let killed = 0; killed < kills; killed += 1) {
      const { child, isStarted } = start()
      const exited = once(child, 'exit')
      asked += 1
      const kill = (): void => void child.kill('SIGKILL')
      if (random(5) === 0) {
        setTimeout(kill, random(1_000))
        if (await isStarted) erase(child)
        else killedStarting += 1
      } else {
        if (!(await isStarted)) throw new Error('the host ended by itself while it started')
        await until(child, vendor.page + 1 + random(60))
        erase(child)
        setTimeout(kill, random(40))
      }
      await exited
      if (child.signalCode !== 'SIGKILL') throw new Error(`the host ended by itself: ${child.signalCode ?? `exit code ${child.exitCode}`}`)
      await look()
    }
    await finish()
    return await report()
  } finally {
    await vendor.close()
  }

  async function until(child: ChildProcess, page: number): Promise<void> {
    while (vendor.page < page && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 1))
  }

  async function reading<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = sqlite(file)
    await store.open({ readOnly: true })
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }

  /** Right after a kill. Whoever died before there was a database has done nothing. */
  async function look(): Promise<void> {
    if (vendor.page === 0) return
    await reading(async (store) => {
      const there = new Set((await loggedIn(store)).map(({ messageId }) => messageId))
      const { cursor = 0 } = JSON.parse((await store.cursor('source:vendor:export')) ?? '{}') as { readonly cursor?: number }
      for (const event of upTo(cursor)) if (!there.has(event.messageId)) ahead.add(event.messageId)
      if ((await store.erasures({})).some(({ state }) => state !== 'confirmed')) killedErasing += 1
    })
  }

  /** Events of those who stay. */
  function upTo(page: number) {
    return Array.from({ length: page }, (_, index) => exported(index + 1, kills))
      .flat()
      .filter(({ userId }) => !isLeaver(userId))
  }

  /** One more life, in which everything that is left goes out. */
  async function finish(): Promise<void> {
    const { child, isStarted } = start()
    const exited = once(child, 'exit')
    if (!(await isStarted)) throw new Error('the host ended by itself while it started')
    erase(child)
    vendor.end()
    const deadline = performance.now() + DRAIN
    while (performance.now() < deadline) {
      const { lost, remembered } = await report()
      if (lost.length === 0 && remembered.length === 0) break
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    child.stdin?.end()
    await exited
  }

  async function report(): Promise<VendorChaosReport> {
    const given = readLedger(join(folder, 'taken')).map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const)
    const byId = new Map(given)
    const news = [...byId].filter(([id, what]) => !id.startsWith('p') && !what.includes('gone-')).map(([, what]) => what)
    const expected = new Set(learnedFrom(vendor.page))
    const told = new Set(news)
    const forgotten = readLedger(join(folder, 'forgotten'))
    const lines = new Set(forgotten)
    const leavers = Array.from({ length: asked }, (_, index) => leaver(index))
    const askedFor = forgotten.filter((line) => line.startsWith('asked '))
    const { logged, confirmed } = await reading(async (store) => ({
      logged: await loggedIn(store),
      confirmed: (await store.erasures({})).filter(({ state }) => state === 'confirmed').length,
    }))
    return {
      kills,
      killedStarting,
      killedErasing,
      pages: vendor.page,
      ahead: [...ahead],
      doubled: twice(logged.map(({ messageId }) => messageId)),
      afterErasure: logged.filter(({ userId, seq }) => seq > (erased.get(userId) ?? Number.POSITIVE_INFINITY)).map(({ messageId }) => messageId),
      lost: [...upTo(vendor.page).flatMap(({ messageId }) => (byId.has(messageId) ? [] : [messageId])), ...[...expected].filter((one) => !told.has(one))],
      toldTwice: twice(news),
      invented: [...told].filter((one) => !expected.has(one)),
      remembered: confirmed < leavers.length ? leavers : leavers.filter((one) => !lines.has(`asked ${one}`) || !lines.has(`confirmed ${one}`)),
      askedAgain: askedFor.length - new Set(askedFor).size,
      takenAgain: given.length - byId.size,
    }
  }
}

async function loggedIn(store: Store) {
  return (await store.log(0, 1_000_000)).flatMap(({ seq, input }) =>
    input.kind === 'event' ? [{ seq, messageId: input.event.messageId, userId: input.event.userId ?? '' }] : [],
  )
}

function twice(items: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return items.filter((item) => seen.size === seen.add(item).size)
}
