import type { Store } from '@waymark/core'

/** What waits for a sink or a channel. */
export interface Lag {
  /** Of a channel the messages that are queued; of a sink the log entries it has not been taken past. */
  readonly waiting: number
  /** For how long the first of them could have gone, in milliseconds: 0 when nothing is overdue. */
  readonly overdue: number
}

/** Reads only: the store may be another process's. */
export async function channelLag(store: Store, channel: string, now: number): Promise<Lag> {
  const [waiting, due] = await Promise.all([store.backlog(channel), store.nextDue(channel)])
  return { waiting, overdue: due === undefined ? 0 : Math.max(0, now - due) }
}

export async function sinkLag(store: Store, plugin: string, now: number): Promise<Lag> {
  const [stored, last] = await Promise.all([store.cursor(cursorOf(plugin)), store.lastSeq()])
  // A sink that has not been started yet begins with what comes from then on.
  const cursor = stored === undefined ? last : Number(stored)
  const [first] = last > cursor ? await store.log(cursor, 1) : []
  return { waiting: last - cursor, overdue: first === undefined ? 0 : Math.max(0, now - first.now) }
}

/** The name of a sink's place in the log among the store's cursors. */
export function cursorOf(plugin: string): string {
  return `sink:${plugin}`
}
