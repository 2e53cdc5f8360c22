import type { CanonicalEvent, Engine, NewDeadLetter, Plugin, PluginContext, Store, Transaction, WaymarkConfig } from '@waymark/core'
import { backoff, waitFor } from './backoff.ts'
import { createBreaker, OPENS_AFTER } from './breaker.ts'
import type { Effects } from './effects.ts'
import { insist } from './insist.ts'
import { cursorOf, sinkLag } from './lag.ts'
import { messageOf } from './outcomes.ts'
import type { Profiles } from './profiles.ts'
import { type Runner, reportBreaker } from './runner.ts'
import { callSink, type Delivered, type Failed } from './sink-call.ts'
import { createSinkLetters } from './sink-letters.ts'
import { createSinkPages, type Page } from './sink-page.ts'
import type { Erased } from './tombstones.ts'
import { createWorkLoop, type Tasks } from './work-loop.ts'

/** How often an event is tried while what follows waits for it, so that order is kept. Then it is set aside, and tried again by itself. */
const IN_LINE = 3
/** The longest wait between two tries of a sink that takes nothing, before its breaker opens; and the longest that order is worth. */
const LONGEST_WAIT = 30_000

/** A page on its way: what of it was not taken yet. */
interface Current extends Page {
  /** The sink took others of it. */
  readonly passed: boolean
  readonly tries: number
}

/**
 * Takes the log to one sink, in order, from its own cursor; wake it when the log has grown. The cursor moves only past events that were
 * taken, that are not for this sink, or that are among the dead letters: rejected for good, or set aside because they keep failing
 * while others pass.
 *
 * A sink that takes nothing waits, and loses nothing. Since one event may be at the bottom of that, batches are halved with each
 * failure, and when a single one fails, the one after it is tried too: if that is taken, the first is set aside. So what finds out
 * whether a sink is there again is one event or two.
 *
 * A sink that is new to a store begins with what comes from then on.
 */
export function createSinkRunner(
  plugin: Plugin & { readonly sink: NonNullable<Plugin['sink']> },
  parts: {
    readonly config: WaymarkConfig
    readonly engine: Engine
    readonly store: Store
    readonly effects: Effects
    readonly context: PluginContext
    readonly profiles: Profiles
    readonly erased: Erased
  },
): Runner {
  const { store, context, effects, engine } = parts
  const { clock, random } = effects
  const most = plugin.sink.maxBatch ?? 100
  const breaker = createBreaker(effects, (status) => reportBreaker(context.log, 'sink', status))
  const pages = createSinkPages(plugin, parts)
  const letters = createSinkLetters(plugin, { store, effects, context, pages, version: engine.fingerprint })
  let cursor = 0
  let isStarted = false
  let size = most
  let current: Current | undefined
  let waitUntil = 0

  async function work(tasks: Tasks): Promise<number | undefined> {
    while (!tasks.isStopped && tasks.underWay === 0) {
      const { state, retryAt } = breaker.status
      if (state === 'open') return retryAt
      if (clock.now() < waitUntil) return waitUntil
      // What was set aside is no measure of whether the sink is there again, unless there is nothing else.
      if (state === 'closed' && current === undefined && (await tryLetters(tasks))) continue
      current ??= await next()
      if (current !== undefined) {
        const page = current
        tasks.start(() => carry(page))
        await tasks.soon()
      } else if (state === 'closed' || !(await tryLetters(tasks))) return store.nextRetry(plugin.name)
    }
    return undefined
  }

  async function tryLetters(tasks: Tasks): Promise<boolean> {
    const due = await letters.due()
    if (due.length === 0) return false
    tasks.start(async () => {
      if (await letters.carry(due)) breaker.succeeded()
    })
    await tasks.soon()
    return true
  }

  async function next(): Promise<Current | undefined> {
    const page = await pages.read(cursor, size)
    return page === undefined ? undefined : { ...page, passed: false, tries: 0 }
  }

  async function carry(page: Current): Promise<void> {
    // Asked again before every attempt: consent may have been withdrawn meanwhile.
    const events = await pages.consenting(page.events)
    if (events.length === 0) return finish(page, [])
    const delivered = await callSink(plugin, context, events)
    if (delivered === undefined) return
    if (delivered.isDown && !page.passed) return takesNothing(page, delivered)
    if (!delivered.isDown) {
      breaker.succeeded()
      letters.othersPass()
    }
    size = delivered.retry.length === 0 ? Math.min(most, size * 2) : size
    await passSome(page, delivered)
  }

  /** Some were taken, now or before: those that were not are at fault themselves. */
  async function passSome(page: Current, { rejected, retry, afterMs }: Delivered): Promise<void> {
    const tries = page.tries + 1
    const given = rejected.map(({ event, reason }) => letter(event, reason, tries))
    if (retry.length === 0) return finish(page, given)
    const wait = waitFor(afterMs, backoff(tries, random), random)
    context.log.warn('a sink did not take some events', { sink: plugin.name, events: retry.length, attempt: tries, waitMs: wait, reason: retry[0]?.reason })
    if (tries >= IN_LINE || wait > LONGEST_WAIT) return finish(page, [...given, ...setAside(retry, tries, clock.now() + wait)])
    if (given.length > 0) await written((tx) => tx.deadLetter(given))
    waitUntil = clock.now() + wait
    current = { events: retry.map(({ event }) => event), upTo: page.upTo, passed: true, tries }
  }

  /** Nothing of the page was taken. It is read again, for by then there may be more to tell the sink from an event by. */
  async function takesNothing(page: Current, { retry, afterMs }: Delivered): Promise<void> {
    const [first] = retry
    const wait = waitFor(afterMs, 0, random)
    if (retry.length === 1 && first !== undefined && mayPassBy()) {
      if (await passBy(page, first)) return
      breaker.failed(first.reason, wait)
    }
    breaker.failed(first?.reason ?? 'no reason', wait)
    const { state, failures } = breaker.status
    current = undefined
    size = Math.max(1, Math.floor(Math.min(size, page.events.length) / 2))
    if (state !== 'closed') return
    waitUntil = clock.now() + (wait || backoff(failures, random, LONGEST_WAIT))
    context.log.warn('a sink takes nothing at the moment', { sink: plugin.name, failures, waitMs: waitUntil - clock.now(), reason: first?.reason })
  }

  /** Not for a passing trouble, and not with more calls than the breaker lets through. */
  function mayPassBy(): boolean {
    const { state, failures } = breaker.status
    return state === 'half-open' || (failures + 1 >= IN_LINE && failures + 2 <= OPENS_AFTER)
  }

  /** Whether the sink takes the event after the one that fails; then that one is set aside, and both are behind us. */
  async function passBy(page: Current, failed: Failed): Promise<boolean> {
    const after = await pages.read(page.upTo, 1)
    const witness = after === undefined ? [] : await pages.consenting(after.events)
    if (after === undefined || witness.length === 0) return false
    const delivered = await callSink(plugin, context, witness)
    if (delivered === undefined || delivered.isDown) return false
    breaker.succeeded()
    letters.othersPass()
    const tries = IN_LINE
    const given = delivered.rejected.map(({ event, reason }) => letter(event, reason, 1))
    context.log.warn('an event was set aside that the sink does not take', { sink: plugin.name, reason: failed.reason })
    await finish({ ...page, upTo: after.upTo }, [...given, ...setAside([failed], tries, clock.now() + backoff(tries, random))])
    return true
  }

  async function finish({ upTo }: Page, given: readonly NewDeadLetter[]): Promise<void> {
    await written(async (tx) => {
      if (given.length > 0) await tx.deadLetter(given)
      await tx.setCursor(cursorOf(plugin.name), String(upTo))
    })
    cursor = upTo
    current = undefined
  }

  function written(work: (tx: Transaction) => Promise<void>): Promise<void> {
    return insist(
      clock,
      () => store.transaction(work),
      () => !context.signal.aborted,
    )
  }

  function setAside(failed: readonly Failed[], attempts: number, retryAt: number): readonly NewDeadLetter[] {
    return failed.map(({ event, reason }) => ({ ...letter(event, reason, attempts), retryAt }))
  }

  function letter(event: CanonicalEvent, reason: string, attempts: number): NewDeadLetter {
    return { at: clock.now(), stage: 'sink', plugin: plugin.name, reason, attempts, version: engine.fingerprint, event }
  }

  const loop = createWorkLoop(effects, work, (error) =>
    context.log.error('a sink could not read or write the store', { sink: plugin.name, error: messageOf(error) }),
  )
  return {
    ...loop,
    // What falls due as the host starts wakes everybody: without its cursor the sink would begin the log anew.
    wake() {
      if (isStarted) loop.wake()
    },
    async start() {
      const stored = await store.cursor(cursorOf(plugin.name))
      cursor = stored === undefined ? await store.lastSeq() : Number(stored)
      if (stored === undefined) await store.transaction((tx) => tx.setCursor(cursorOf(plugin.name), String(cursor)))
      isStarted = true
      loop.wake()
    },
    async status() {
      return { plugin: plugin.name, stage: 'sink', breaker: breaker.status, ...(await sinkLag(store, plugin.name, clock.now())) }
    },
  }
}
