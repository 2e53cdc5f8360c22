import type { Identity } from '@waymark/core'

/** Whether this tells that Segment was asked to forget somebody: `{ "type": "delete", "userId", "timestamp" }`. */
export function isDeletion(message: Record<string, unknown>): boolean {
  return message['type'] === 'delete'
}

/** Whom a notice is about, or why nobody can be erased for it. `isVouchedFor`: Segment's signature, or a header of yours, covers it. */
export function subjectOf(notice: Record<string, unknown>, isVouchedFor: boolean): Identity | { readonly reason: string } {
  if (!isVouchedFor) {
    return {
      reason: `the signature does not cover this notice to delete ${JSON.stringify(notice['userId'] ?? notice['anonymousId'])}: set webhook.header, or run 'waymark privacy erase'`,
    }
  }
  const [userId, anonymousId] = [textOf(notice['userId']), textOf(notice['anonymousId'])]
  if (userId !== undefined) return { userId }
  return anonymousId === undefined ? { reason: 'a notice to delete somebody has neither userId nor anonymousId' } : { anonymousId }
}

function textOf(id: unknown): string | undefined {
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id) : undefined
}
