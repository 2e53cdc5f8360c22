import type { Eraser, Erasure, ErasureReceipt, Plugin, PluginContext, Store } from '@waymark/core'
import { backoff, waitFor } from './backoff.ts'
import { createBreaker } from './breaker.ts'
import type { Effects } from './effects.ts'
import { insist } from './insist.ts'
import { messageOf } from './outcomes.ts'
import { callPlugin, GRACE } from './plugin-call.ts'
import { createWorkLoop, type Tasks, type WorkLoop } from './work-loop.ts'

/** How long a call may take before its signal is aborted, and after which it is made again if the host died meanwhile. In milliseconds. */
const LONGEST_CALL = 115_000
const LEASE = 150_000
const CHECK_AFTER = 3_600_000

/** Has people forgotten by one plugin, one call at a time, until each is confirmed or a person has to look; wake it when there is a new job. */
export function createEraserRunner(
  plugin: Plugin & { readonly eraser: Eraser },
  { store, effects, context }: { readonly store: Store; readonly effects: Effects; readonly context: PluginContext },
): WorkLoop {
  const { eraser } = plugin
  const { clock, random } = effects
  const { log } = context
  const breaker = createBreaker(effects, ({ state, failures, reason }) => log.warn('an eraser answers, or does not', { state, failures, reason }))
  const named = new Set<number>()

  async function work(tasks: Tasks): Promise<number | undefined> {
    while (!tasks.isStopped && tasks.underWay === 0) {
      const { state, retryAt } = breaker.status
      if (state === 'open') return retryAt
      const [job] = await store.openErasures(plugin.name, 1)
      if (job?.nextAt === undefined || job.nextAt > clock.now()) return job?.nextAt
      tasks.start(() => carry(job))
      await tasks.soon()
    }
    return undefined
  }

  async function carry(job: Erasure): Promise<void> {
    const tried: Erasure = { ...job, attempts: job.attempts + 1 }
    // Whoever dies over it has it asked again: that does no harm.
    await store.transaction((tx) => tx.settleErasure({ ...tried, nextAt: clock.now() + LEASE }))
    const receipt = await receiptOf(job)
    if (receipt === undefined) return
    if (receipt.status === 'retry') breaker.failed(receipt.reason, waitFor(receipt.afterMs, 0, random))
    else breaker.succeeded()
    const settled = settle(tried, receipt)
    report(settled)
    await insist(
      clock,
      () => store.transaction((tx) => tx.settleErasure(settled)),
      () => !context.signal.aborted,
    )
  }

  /** Undefined when the host closed meanwhile. */
  async function receiptOf({ state, subject, reference }: Erasure): Promise<ErasureReceipt | undefined> {
    const asks = state === 'requested' && reference !== undefined
    if (!asks && subject === undefined) return { status: 'failed', reason: 'it is no longer known whom it is about' }
    const answer = await callPlugin(context, LONGEST_CALL, async (own): Promise<ErasureReceipt> => {
      if (asks) return eraser.check === undefined ? { status: 'requested', reference } : eraser.check(reference, own)
      return eraser.erase(subject as NonNullable<typeof subject>, own)
    })
    if (answer.kind === 'abandoned') return undefined
    if (answer.kind === 'answered') return answer.value
    return { status: 'retry', reason: answer.kind === 'threw' ? messageOf(answer.error) : `no answer after ${(LONGEST_CALL + GRACE) / 1_000} s` }
  }

  function settle({ nextAt: _, reason: __, ...job }: Erasure, receipt: ErasureReceipt): Erasure {
    const now = clock.now()
    const { subject: ___, ...nameless } = job
    const detail = 'detail' in receipt && receipt.detail !== undefined ? { detail: receipt.detail } : {}
    switch (receipt.status) {
      case 'confirmed':
        return { ...nameless, ...detail, state: 'confirmed', endedAt: now }
      case 'requested': {
        // Where nobody can be asked how it stands, that was the last word.
        if (eraser.check === undefined) return { ...nameless, ...detail, state: 'requested', reference: receipt.reference }
        return { ...job, ...detail, state: 'requested', reference: receipt.reference, nextAt: now + waitFor(receipt.checkAfterMs, CHECK_AFTER, random) }
      }
      case 'failed':
        return { ...job, state: 'failed', reason: receipt.reason, endedAt: now }
      case 'retry':
        return { ...job, reason: receipt.reason, nextAt: now + waitFor(receipt.afterMs, backoff(job.attempts, random), random) }
    }
  }

  /** Whom it is about is not said: the receipts know. */
  function report({ id, state, attempts, reason, dueBy, nextAt, endedAt }: Erasure): void {
    const fields = { erasure: id, attempts, ...(reason === undefined ? {} : { reason }) }
    if (state === 'failed') log.error('an erasure failed: a person has to look (waymark privacy receipts)', fields)
    else if (endedAt === undefined && nextAt !== undefined && reason !== undefined) log.warn('an erasure was not done; trying again', fields)
    if (nextAt === undefined || clock.now() <= dueBy || named.has(id)) return
    named.add(id)
    log.error('an erasure is overdue', { ...fields, dueBy: new Date(dueBy).toISOString() })
  }

  return createWorkLoop(effects, work, (error) => log.error('erasures stopped for a moment', { error: messageOf(error) }))
}
