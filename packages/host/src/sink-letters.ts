import type { DeadLetter, NewDeadLetter, Plugin, PluginContext, Store } from '@waymark/core'
import { backoff, waitFor } from './backoff.ts'
import type { Effects } from './effects.ts'
import { insist } from './insist.ts'
import { callSink, type Failed } from './sink-call.ts'
import type { SinkPages } from './sink-page.ts'

type EventLetter = DeadLetter & { readonly stage: 'sink' }

/** Events that a sink did not take while others passed, and those that a person wants tried again. */
export interface SinkLetters {
  /** Those to be tried now; none when it is nobody's time. */
  due(): Promise<readonly EventLetter[]>
  /** Tries them. Whether the sink took or rejected any. */
  carry(letters: readonly EventLetter[]): Promise<boolean>
  /** The sink has taken something else meanwhile: what fails from now on fails by itself. */
  othersPass(): void
}

/** How often an event is tried, over about an hour, before it is given up. */
const MOST_ATTEMPTS = 12
/** Tries while the sink takes nothing else count no further than this: the last ones have to be while others pass. */
const UNPROVEN = 9

export function createSinkLetters(
  plugin: Plugin & { readonly sink: NonNullable<Plugin['sink']> },
  parts: { readonly store: Store; readonly effects: Effects; readonly context: PluginContext; readonly pages: SinkPages; readonly version: string },
): SinkLetters {
  const { store, effects, context, pages, version } = parts
  const { clock, random } = effects
  const most = plugin.sink.maxBatch ?? 100
  let size = most
  let haveOthersPassed = false

  async function carry(letters: readonly EventLetter[]): Promise<boolean> {
    const agreed = new Set(await pages.consenting(letters.map(({ event }) => event)))
    const wanted = letters.filter(({ event }) => agreed.has(event))
    const done = letters.filter(({ event }) => !agreed.has(event)).map(({ id }) => id)
    if (wanted.length === 0) {
      await store.transaction((tx) => tx.removeDeadLetters({ ids: done }))
      return false
    }
    const delivered = await callSink(
      plugin,
      context,
      wanted.map(({ event }) => event),
    )
    if (delivered === undefined) return false
    // One of them may keep the others from passing: found out by trying fewer at a time.
    const areAtFault = !delivered.isDown || (wanted.length === 1 && haveOthersPassed)
    size = delivered.isDown ? Math.max(1, Math.floor(wanted.length / 2)) : Math.min(most, size * 2)
    haveOthersPassed = !delivered.isDown
    const letterOf = new Map(wanted.map((letter) => [letter.event, letter]))
    const failed = delivered.retry.map((one) => again(one, letterOf.get(one.event) as EventLetter, areAtFault, delivered.afterMs))
    const rejected = delivered.rejected.map(({ event, reason }) => ended(letterOf.get(event) as EventLetter, reason))
    const taken = delivered.taken.map((event) => (letterOf.get(event) as EventLetter).id)
    await insist(
      clock,
      () =>
        store.transaction(async (tx) => {
          await tx.removeDeadLetters({ ids: [...done, ...taken] })
          await tx.deadLetter([...failed, ...rejected])
        }),
      () => !context.signal.aborted,
    )
    return !delivered.isDown
  }

  function again({ reason }: Failed, letter: EventLetter, isAtFault: boolean, afterMs: number | undefined): NewDeadLetter {
    const attempts = isAtFault ? letter.attempts + 1 : Math.max(letter.attempts, Math.min(letter.attempts + 1, UNPROVEN))
    if (attempts >= MOST_ATTEMPTS) return ended(letter, `given up after ${attempts} attempts: ${reason}`)
    const retryAt = clock.now() + waitFor(afterMs, backoff(attempts, random), random)
    const { id: _, ...rest } = letter
    return { ...rest, reason, attempts, version, retryAt }
  }

  function ended(letter: EventLetter, reason: string): NewDeadLetter {
    const { id: _, retryAt: __, ...rest } = letter
    return { ...rest, at: clock.now(), reason, attempts: letter.attempts + 1, version }
  }

  return {
    carry,
    async due() {
      const at = await store.nextRetry(plugin.name)
      const now = clock.now()
      if (at === undefined || at > now) return []
      const letters = await store.transaction((tx) => tx.dueDeadLetters(plugin.name, now, size))
      return letters.filter((letter) => letter.stage === 'sink')
    },
    othersPass() {
      haveOthersPassed = true
    },
  }
}
