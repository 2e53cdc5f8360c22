import { type CanonicalEvent, type Plugin, type PluginContext, type Source, type SourcePage, type Store, WaymarkError } from '@waymark/core'
import { backoff } from './backoff.ts'
import type { Effects } from './effects.ts'
import { messageOf } from './outcomes.ts'
import { GRACE } from './plugin-call.ts'
import { placeName, type SourcePlace, sourcePlace } from './source-place.ts'

/** Fetches what one source has, page by page, for as long as the host runs. */
export interface SourceRunner {
  /** Begins the first pull, where the last page that is on disk ended. */
  start(): Promise<void>
  /** Tells the pull to end, and waits for it no longer than a plugin may take for that. */
  stop(): Promise<void>
  status(): SourceStatus
}

/** How a source stands. Times in epoch milliseconds. */
export interface SourceStatus extends Pick<SourcePlace, 'cursorAt' | 'pageAt' | 'pulledAt' | 'progress'> {
  readonly plugin: string
  readonly source: string
  /** `pulling`: a pull is under way, which may wait for news. `waiting`: for the next one, or for the host to be able to write. */
  readonly state: 'pulling' | 'waiting'
  /** Taken in since the host started. */
  readonly pages: number
  readonly events: number
  /** Pulls that have thrown in a row, and why the last one did. */
  readonly failures: number
  readonly reason?: string
  /** Of one that waits: until when. */
  readonly retryAt?: number
}

/** Commits the events together with the source's place, or, of more than a thousand, the place with the last of them. */
export type TakePage = (events: readonly CanonicalEvent[], place: { readonly name: string; readonly value: string }) => Promise<unknown>

const EVERY = 60_000
/** The longest waits after a pull that threw, and after a page that could not be written. */
const LONGEST_AFTER_THROW = 900_000
const LONGEST_AFTER_WRITE = 30_000

/**
 * One loop for each source: a page is asked for when the one before is on disk. A page the host cannot write, since it is full or its disk is, is kept
 * and tried again, and the source notices nothing but the time it takes.
 */
export function createSourceRunner(
  plugin: Pick<Plugin, 'name'>,
  source: Source,
  parts: { readonly store: Store; readonly effects: Effects; readonly context: PluginContext; readonly take: TakePage },
): SourceRunner {
  const { store, effects, take } = parts
  const { clock, random } = effects
  const closing = new AbortController()
  const { signal } = closing
  const context: PluginContext = { ...parts.context, signal }
  const { log } = context
  const fields = { source: source.name }
  const name = placeName(plugin.name, source.name)
  let place: SourcePlace = {}
  let pages = 0
  let events = 0
  let waitsUntil: number | undefined
  let endPause = (): void => {}
  let isOver = false
  let giveUp = (): void => {}
  let running: Promise<void> = Promise.resolve()

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const began = place.failing
      try {
        await pull()
        if (signal.aborted) return
        place = without(place, { pulledAt: clock.now() })
        await note()
        await pause(source.every ?? EVERY)
      } catch (error) {
        if (signal.aborted) return
        // One that has come further since it last threw begins to count again.
        const times = (place.failing === began ? (began?.times ?? 0) : 0) + 1
        const reason = messageOf(error)
        place = { ...place, failing: { since: times === 1 ? clock.now() : (began?.since ?? clock.now()), times, reason } }
        const wait = backoff(times, random, LONGEST_AFTER_THROW)
        log.error('a source threw; it is asked again from its last cursor', { ...fields, failures: times, waitMs: wait, error: reason })
        await note()
        await pause(wait)
      }
    }
  }

  async function pull(): Promise<void> {
    const iterator = source.pull(place.cursor, context)[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await orClosed(iterator.next())
        if (next === undefined || next.done === true || signal.aborted) return
        await takeIn(next.value)
        await pause(next.value.pauseMs ?? 0)
        if (signal.aborted) return
      }
    } finally {
      // Lets go of what it holds; one whose pull is over already has nothing to do.
      await orClosed(Promise.resolve(iterator.return?.()).catch(() => {}))
    }
  }

  /** What is still under way when the host closes is awaited until it `isOver`, and no longer. */
  function orClosed<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      giveUp = () => resolve(undefined)
      if (isOver) giveUp()
      work.then(resolve, reject)
    })
  }

  async function takeIn(page: SourcePage): Promise<void> {
    const now = clock.now()
    const moves = page.cursor !== undefined && JSON.stringify(page.cursor) !== JSON.stringify(place.cursor)
    const next = without(place, {
      pageAt: now,
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
      ...(moves ? { cursorAt: now } : {}),
      ...(page.progress === undefined ? {} : { progress: page.progress }),
    })
    const goesOn = moves || page.events.length > 0
    if (goesOn && !(await written(page.events, JSON.stringify(next)))) return
    // A pull that gives nothing new has not come further, and a source that throws after it still fails.
    place = goesOn || place.failing === undefined ? next : { ...next, failing: place.failing }
    pages += 1
    events += page.events.length
    // Whatever the source does, others have their turn between two pages.
    await effects.turn()
  }

  /** False when the host closed meanwhile: then the page comes again. */
  async function written(given: readonly CanonicalEvent[], value: string): Promise<boolean> {
    for (let tries = 1; !signal.aborted; tries += 1) {
      try {
        await take(given, { name, value })
        return true
      } catch (error) {
        if (signal.aborted) return false
        const wait = backoff(tries, random, LONGEST_AFTER_WRITE)
        const isBusy = WaymarkError.is(error) && error.code === 'BUSY'
        log[isBusy ? 'debug' : 'warn']('a page of a source could not be written; trying again', {
          ...fields,
          attempt: tries,
          waitMs: wait,
          error: messageOf(error),
        })
        await pause(wait)
      }
    }
    return false
  }

  /** How the pull ended, for whoever looks into the store. Nothing rests on it. */
  async function note(): Promise<void> {
    try {
      await store.transaction((tx) => tx.setCursor(name, JSON.stringify(place)))
    } catch (error) {
      log.debug('how a source stands could not be written', { ...fields, error: messageOf(error) })
    }
  }

  /** Ends early when the host closes. */
  async function pause(milliseconds: number): Promise<void> {
    if (!(milliseconds > 0) || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    waitsUntil = clock.now() + milliseconds
    endPause = resolve
    const cancel = clock.at(waitsUntil, resolve)
    await promise
    cancel()
    waitsUntil = undefined
  }

  return {
    async start() {
      place = await sourcePlace(store, plugin.name, source.name)
      running = run()
    },
    async stop() {
      closing.abort(new Error('the host is closing'))
      endPause()
      const cancel = clock.at(clock.now() + GRACE, () => {
        isOver = true
        giveUp()
      })
      await running
      cancel()
    },
    status() {
      const { cursorAt, pageAt, pulledAt, progress, failing } = place
      return {
        plugin: plugin.name,
        source: source.name,
        state: waitsUntil === undefined ? 'pulling' : 'waiting',
        pages,
        events,
        failures: failing?.times ?? 0,
        ...(failing === undefined ? {} : { reason: failing.reason }),
        ...(waitsUntil === undefined ? {} : { retryAt: waitsUntil }),
        ...(cursorAt === undefined ? {} : { cursorAt }),
        ...(pageAt === undefined ? {} : { pageAt }),
        ...(pulledAt === undefined ? {} : { pulledAt }),
        ...(progress === undefined ? {} : { progress }),
      }
    },
  }
}

/** The place further on, and failing no more. */
function without({ failing: _, ...rest }: SourcePlace, more: SourcePlace): SourcePlace {
  return { ...rest, ...more }
}
