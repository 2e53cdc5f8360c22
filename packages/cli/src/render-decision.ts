import { type Decision, type Evidence, type Guard, groundsOf, type MembershipChange, type Message, type MessageDefinition } from '@waymark/core'
import { clip, fromNow, localTime } from './output.ts'
import { clockTime } from './people-logger.ts'
import type { Colors } from './terminal.ts'

const GUARDS: Record<Guard, string> = {
  consent: 'consent',
  limit: "the rule's limit",
  'frequency-cap': 'the frequency cap',
  'quiet-hours': 'quiet hours',
  unmerge: 'the unmerge: it came about while the user was taken for another',
  stale: 'its age: its moment had passed too long ago when the host came to it',
}

export function guardName(guard: Guard | undefined): string {
  return guard === undefined ? 'a guard' : (GUARDS[guard] ?? guard)
}

/** How far a message has come. */
const STATES: Record<Message['state'], string> = {
  queued: 'queued',
  sent: 'sent',
  cancelled: 'cancelled',
  rejected: 'not sent: rejected',
  dead: 'not sent: given up',
  unknown: 'sent, perhaps',
}

/** One line, as it is decided: when, what is made of which rule for whom, and because of what. */
export function decisionLine(decision: Decision, colors: Colors): string {
  const { at, profile, rule, message } = decision
  const made = message === undefined ? outcomeText(decision, at, colors) : colors.green(`sends ${messageText(message)}`)
  return `${clockTime(at, colors)}  ${colors.bold(rule)} ${colors.dim('for')} ${profile}  ${made}  ${colors.dim(`${decision.outcome === 'sent' ? 'because' : 'though'} ${becauseOf(decision.evidence)}`)}`
}

/** How far its message has come, or by what it was held back. Without the message `sent`: that it was decided to send. */
export function outcomeWord({ outcome, guard }: Decision, colors: Colors, message?: Message): string {
  if (outcome !== 'sent') return colors.yellow(`held back by ${guardName(guard)}`)
  const state = message?.state ?? 'sent'
  return colors[state === 'sent' ? 'green' : 'yellow'](STATES[state])
}

/** What became of a decision, told at `now`. */
export function outcomeText(decision: Decision, now: number, colors: Colors, message?: Message): string {
  if (decision.outcome === 'sent') {
    return `${outcomeWord(decision, colors, message)}${decision.message === undefined ? '' : ` ${messageText(decision.message)}`}`
  }
  const again = decision.retryAt === undefined ? '' : `, tried again ${localTime(decision.retryAt)} (${fromNow(decision.retryAt, now)})`
  const what = decision.guard === 'consent' ? ' (the user has not agreed to what the channel is for)' : ''
  return colors.yellow(`held back by ${guardName(decision.guard)}${what}${again}`)
}

/** One line for a user who moved between the members of a segment. */
export function changeLine({ at, profile, segment, from, to }: MembershipChange, colors: Colors): string {
  return `${clockTime(at, colors)}  ${colors.dim(`${profile}  ${segment}: ${from ?? '-'} -> `)}${to ?? '-'}`
}

/** `in-app tooltip "Go further with A"`. */
export function messageText({ channel, kind, content }: MessageDefinition): string {
  const title = [content['title'], content['subject'], content['template']].find((one) => typeof one === 'string')
  return `${channel} ${kind}${typeof title === 'string' ? ` "${clip(title, 40)}"` : ''}`
}

function becauseOf(evidence: Evidence): string {
  return groundsOf(evidence)
    .map(({ says, value }) => (value === undefined ? says : `${says} (${value})`))
    .join('; ')
}
