import type { Transaction } from '@waymark/core'
import type { Forgetting } from './claims.ts'
import { commitUnknown, takenOver, writeFailed } from './errors.ts'
import { codeOf, isAway } from './failure.ts'
import { advance, type Head, NOT_NULL_VIOLATION } from './head.ts'
import type { Session } from './session.ts'
import { runTransaction } from './transaction.ts'
import type { Writer } from './writer.ts'

/** All of `work` in one commit, or nothing of it. The caller sees to it that one runs at a time. */
export async function transact<T>(writer: Writer, place: string, forgetting: Forgetting, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const { session, head } = await writer.current().catch((error: unknown) => {
    throw writeFailed(place, error)
  })
  const running = runTransaction(session, place, forgetting, head.seq)
  let result: T
  try {
    result = await work(running.tx)
    await running.idle()
    // A write failed and `work` went on as if it had not: half of what it meant must not be committed.
    if (running.failure !== undefined) throw running.failure
  } catch (error) {
    running.over = true
    if (running.begun) session.all('ROLLBACK').catch(() => {})
    throw error
  }
  running.over = true
  if (running.wrote) await commit(writer, session, place, { ...head, turn: head.turn + 1, seq: running.seq }, () => running.failure)
  else if (running.begun) session.all('COMMIT').catch(() => {})
  return result
}

/** What was sent before may still fail: then the server answers the COMMIT with a rollback. */
async function commit(writer: Writer, session: Session, place: string, head: Head, failure: () => unknown): Promise<void> {
  // Without the session there is no transaction any more: the COMMIT has not been sent, so there is no doubt.
  if (session.lost !== undefined) throw writeFailed(place, session.lost)
  const advanced = advance(session, head).then(
    () => undefined,
    (error: unknown) => (codeOf(error) === NOT_NULL_VIOLATION ? takenOver(place) : error),
  )
  try {
    const { command } = await session.ask('COMMIT')
    if (command === 'ROLLBACK') throw await firstFailure(advanced, failure)
  } catch (error) {
    if (!isAway(error)) throw writeFailed(place, error)
    await resolveDoubt(writer, place, head, error)
    return
  }
  writer.committed(head)
}

/** The answer was lost, and with it whether there was a commit. The server is asked, for a wrong guess either way would lose or double something. */
async function resolveDoubt(writer: Writer, place: string, head: Head, cause: unknown): Promise<void> {
  let isWritten: boolean
  try {
    isWritten = await writer.wasWritten(head.turn)
  } catch (error) {
    throw commitUnknown(place, error)
  }
  if (!isWritten) throw writeFailed(place, cause)
}

async function firstFailure(advanced: Promise<unknown>, failure: () => unknown): Promise<unknown> {
  // Once the last statement has been heard of, so have all before it.
  const last = await advanced
  return failure() ?? last
}
