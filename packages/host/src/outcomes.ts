import { type DeliveryOutcome, type ErasureReceipt, isObject, type Json, type SendOutcome } from '@waymark/core'

/** What a plugin answered, made to fit the contract; `wrong` says what of it did not. */
export interface Read<T> {
  readonly value: T
  readonly wrong?: string
}

/** Reasons are lines in lists; a receiver's whole error page is none. */
const LONGEST_REASON = 500

/** One outcome an event. What is missing or none counts as `retry`: a receiver that has the event already knows its message id. */
export function readOutcomes(answer: unknown, events: number): Read<readonly DeliveryOutcome[]> {
  if (!Array.isArray(answer)) {
    const wrong = `the sink answered ${show(answer)} in place of a list of outcomes`
    return { value: Array.from({ length: events }, () => ({ status: 'retry', reason: wrong })), wrong }
  }
  let wrong = answer.length === events ? undefined : `the sink gave ${answer.length} outcomes for ${events} events`
  const value = Array.from({ length: events }, (_, index): DeliveryOutcome => {
    const outcome: unknown = answer[index]
    if (index >= answer.length) return { status: 'retry', reason: 'the sink gave no outcome for it' }
    if (isObject(outcome)) {
      if (outcome['status'] === 'delivered') return { status: 'delivered' }
      if (outcome['status'] === 'rejected') return { status: 'rejected', reason: reasonOf(outcome) }
      if (outcome['status'] === 'retry') return { status: 'retry', reason: reasonOf(outcome), ...afterOf(outcome) }
    }
    const what = `the sink gave ${show(outcome)} in place of an outcome`
    wrong ??= what
    return { status: 'retry', reason: what }
  })
  return wrong === undefined ? { value } : { value, wrong }
}

/** What is no outcome counts as `unknown`: a channel that forgets to answer has sent all the same. */
export function readOutcome(answer: unknown): Read<SendOutcome> {
  if (isObject(answer)) {
    if (answer['status'] === 'sent')
      return { value: { status: 'sent', ...(typeof answer['reference'] === 'string' ? { reference: answer['reference'] } : {}) } }
    if (answer['status'] === 'rejected' || answer['status'] === 'unknown') return { value: { status: answer['status'], reason: reasonOf(answer) } }
    if (answer['status'] === 'retry') return { value: { status: 'retry', reason: reasonOf(answer), ...afterOf(answer) } }
  }
  const wrong = `the channel answered ${show(answer)} in place of an outcome`
  return { value: { status: 'unknown', reason: wrong }, wrong }
}

/** What is no receipt counts as `retry`: asking for the same again does no harm. */
export function readReceipt(answer: unknown): Read<ErasureReceipt> {
  if (isObject(answer)) {
    const detail = typeof answer['detail'] === 'string' ? { detail: clipped(answer['detail']) } : {}
    if (answer['status'] === 'confirmed') return { value: { status: 'confirmed', ...detail } }
    if (answer['status'] === 'failed') return { value: { status: 'failed', reason: reasonOf(answer) } }
    if (answer['status'] === 'retry') return { value: { status: 'retry', reason: reasonOf(answer), ...afterOf(answer) } }
    const { reference, checkAfterMs } = answer
    if (answer['status'] === 'requested' && reference !== undefined)
      return { value: { status: 'requested', reference: reference as Json, ...detail, ...(typeof checkAfterMs === 'number' ? { checkAfterMs } : {}) } }
  }
  const wrong = `the eraser answered ${show(answer)} in place of a receipt`
  return { value: { status: 'retry', reason: wrong }, wrong }
}

/** What an error says, without its stack. */
export function messageOf(error: unknown): string {
  return clipped(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
}

function reasonOf({ reason }: { readonly reason?: unknown }): string {
  return typeof reason === 'string' && reason !== '' ? clipped(reason) : 'the plugin gave no reason'
}

function afterOf({ afterMs }: { readonly afterMs?: unknown }): { readonly afterMs?: number } {
  return typeof afterMs === 'number' ? { afterMs } : {}
}

function clipped(text: string): string {
  return text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON)}…`
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'function') return 'a function'
  try {
    return clipped(JSON.stringify(value)).slice(0, 80)
  } catch {
    return typeof value
  }
}
