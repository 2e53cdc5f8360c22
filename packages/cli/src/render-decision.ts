import { type Decision, type Evidence, type Guard, groundsOf, type MembershipChange, type MessageDefinition } from '@waymark/core'
import { clip, fromNow, localTime } from './output.ts'
import { clockTime } from './people-logger.ts'
import type { Colors } from './terminal.ts'

const GUARDS: Record<Guard, string> = {
  consent: 'consent',
  limit: "the rule's limit",
  'frequency-cap': 'the frequency cap',
  'quiet-hours': 'quiet hours',
  unmerge: 'the unmerge: it came about while the user was taken for another',
}

export function guardName(guard: Guard | undefined): string {
  return guard === undefined ? 'a guard' : (GUARDS[guard] ?? guard)
}

/** One line: when, what became of which rule for whom, and because of what. */
export function decisionLine(decision: Decision, colors: Colors): string {
  const { at, profile, rule } = decision
  return `${clockTime(at, colors)}  ${colors.bold(rule)} ${colors.dim('for')} ${profile}  ${outcomeText(decision, at, colors)}  ${colors.dim(`${decision.outcome === 'sent' ? 'because' : 'though'} ${becauseOf(decision.evidence)}`)}`
}

/** `sent`, or by what it was held back. */
export function outcomeWord({ outcome, guard }: Decision, colors: Colors): string {
  return outcome === 'sent' ? colors.green('sent') : colors.yellow(`held back by ${guardName(guard)}`)
}

/** What became of a decision, told at `now`. */
export function outcomeText(decision: Decision, now: number, colors: Colors): string {
  if (decision.outcome === 'sent') return colors.green(`sent ${decision.message === undefined ? '' : messageText(decision.message)}`.trimEnd())
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
