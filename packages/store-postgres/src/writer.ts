import type { WaymarkError } from '@waymark/core'
import { takenOver } from './errors.ts'
import { type Head, readHead, takeOver } from './head.ts'
import { releaseLock, takeLock } from './lock.ts'
import type { Settings } from './options.ts'
import { whileAway } from './retry.ts'
import { inspect, migrate } from './schema/migrations.ts'
import { connect, type Session } from './session.ts'

/** Holds the one session that writes. */
export interface Writer {
  /** The session, and what is committed. Connects anew where it was lost; rejects when that does not succeed in time. */
  current(): Promise<{ readonly session: Session; readonly head: Head }>
  committed(head: Head): void
  /** After a COMMIT without an answer: whether the turn is in the database. Rejects when the server cannot be asked in time. */
  wasWritten(turn: number): Promise<boolean>
  /** Whether there is a commit of which nobody knows yet whether it is written; `current()` settles it. */
  readonly isInDoubt: boolean
  close(): Promise<void>
}

/** Takes the lock, brings the schema to the newest version and becomes the one that writes. */
export async function openWriter(settings: Settings): Promise<Writer> {
  let session = await connect(settings)
  let head: Head
  let isInDoubt = false
  /** Why nothing is written any more. */
  let end: WaymarkError | undefined

  try {
    await inspect(session, settings)
    await takeLock(session, settings)
    await migrate(session, settings)
    head = await takeOver(session)
  } catch (error) {
    await session.end()
    throw error
  }

  /** The lock was lost with the session. Another host may have had it since: then what this process knows is not so any more. */
  async function connectAgain(): Promise<Head> {
    const next = await whileAway(settings.reconnectTimeout, async () => {
      const fresh = await connect(settings)
      try {
        await takeLock(fresh, settings)
        return { fresh, found: await readHead(fresh) }
      } catch (error) {
        await fresh.end()
        throw error
      }
    })
    void session.end()
    session = next.fresh
    isInDoubt = false
    if (next.found.epoch !== head.epoch) throw await stop(takenOver(settings.place))
    return next.found
  }

  async function stop(why: WaymarkError): Promise<WaymarkError> {
    end = why
    await releaseLock(session)
    await session.end()
    return why
  }

  return {
    async current() {
      if (end !== undefined) throw end
      if (session.lost !== undefined) head = await connectAgain()
      return { session, head }
    },
    committed(next) {
      head = next
    },
    async wasWritten(turn) {
      isInDoubt = true
      head = await connectAgain()
      return head.turn === turn
    },
    get isInDoubt() {
      return isInDoubt
    },
    async close() {
      if (end === undefined) await releaseLock(session)
      await session.end()
    },
  }
}
