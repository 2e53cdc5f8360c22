import type { SendOutcome } from '@waymark/core'
import type { NodemailerError } from 'nodemailer'

/** Answers that refuse the sender's login and not the mail: the config is at fault, and once it is mended the mail can go. */
const LOGIN = new Set([530, 534, 535, 538])

/** Servers are wordy; a reason is one line in a ledger. */
const MAX_WORDS = 300

/**
 * What a failed send means. `left`: the line that ends the message may have gone out, so that without an answer
 * nobody knows whether the server took it; the error alone does not tell that.
 */
export function outcomeOf(error: NodemailerError, left: boolean): SendOutcome {
  const reason = words(error)
  const refused = error.code === 'EENVELOPE' || error.code === 'EMESSAGE'
  if (refused && error.responseCode === undefined) return { status: 'rejected', reason }
  if (refused && error.permanent === true && !LOGIN.has(error.responseCode ?? 0)) return { status: 'rejected', reason }
  if (refused) return { status: 'retry', reason }
  if (left) return { status: 'unknown', reason: `no answer after the whole mail was sent: ${reason}` }
  return { status: 'retry', reason }
}

export function words(error: Pick<NodemailerError, 'message'>): string {
  return error.message.replaceAll(/\s+/g, ' ').slice(0, MAX_WORDS)
}
