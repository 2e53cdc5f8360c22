import { type Decision, type Message, UNKNOWN } from '@waymark/core'
import type { Explanation } from '@waymark/host'
import { columns, fromNow, localTime, plural } from './output.ts'
import { messageText, outcomeText, outcomeWord } from './render-decision.ts'
import { evidenceText, truthWord } from './render-evidence.ts'
import type { Colors } from './terminal.ts'

/** An explanation for a person: who, in which segments since when, where each rule stands and why, and what was made of it. */
export function renderExplanation(explanation: Explanation, colors: Colors): string {
  const parts = [
    who(explanation, colors),
    section(
      'Segments',
      explanation.segments.map((segment) => segmentText(segment, explanation.at, colors)),
      'none in this config',
      colors,
    ),
    section(
      'Rules',
      explanation.rules.map((rule) => ruleText(rule, explanation, colors)),
      'none in this config',
      colors,
    ),
    section(
      'Decisions, newest first',
      [decisionsText(explanation, colors)].filter((text) => text !== ''),
      'none: no rule has become true',
      colors,
    ),
    section(
      'Messages',
      [messagesText(explanation, colors)].filter((text) => text !== ''),
      'none',
      colors,
    ),
  ]
  return `${parts.join('\n\n')}\n`
}

function who({ user, profile, at }: Explanation, colors: Colors): string {
  const moment = (time: number) => `${localTime(time)} ${colors.dim(`(${fromNow(time, at)})`)}`
  const rows = [
    ['known since', moment(profile.firstSeenAt)],
    ['last active', profile.lastActiveAt === undefined ? 'never' : `${moment(profile.lastActiveAt)}, ${plural(profile.sessions, 'session')}`],
  ]
  if (profile.timezone !== undefined) rows.push(['time zone', profile.timezone])
  const traits = Object.entries(profile.traits).filter(([, value]) => value !== undefined)
  if (traits.length > 0) rows.push(['traits', traits.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ')])
  const consent = Object.entries(profile.consent)
  rows.push(['consent', consent.length === 0 ? 'never asked' : consent.map(([purpose, answer]) => `${purpose} ${answer}`).join(', ')])
  const alias = profile.id === user ? '' : colors.dim(`  (profile ${profile.id})`)
  return `${colors.bold(user)}${alias}  ${colors.dim('as of')} ${localTime(at)}\n${columns(rows.map(([name = '', text = '']) => [colors.dim(name), text]))}`
}

function segmentText({ segment, member, since, members }: Explanation['segments'][number], at: number, colors: Colors): string {
  const head =
    member === undefined
      ? colors.yellow(members.some(({ truth }) => truth === UNKNOWN) ? 'not settled yet' : 'in none')
      : `${colors.green(member)}${since === undefined ? '' : `  since ${localTime(since)} ${colors.dim(`(${fromNow(since, at)})`)}`}`
  const lines = members.map(({ name, truth, evidence }) =>
    evidence.kind === 'otherwise'
      ? `    ${truthWord(truth, colors)}  ${name}: none of the others`
      : `    ${truthWord(truth, colors)}  ${name}\n${evidenceText(evidence, at, colors, '        ')}`,
  )
  return [`  ${colors.bold(segment)}: ${head}`, ...lines].join('\n')
}

function ruleText({ rule, truth, since, retryAt, evidence, last }: Explanation['rules'][number], { at, messages }: Explanation, colors: Colors): string {
  const moment = (time: number) => `${localTime(time)} ${colors.dim(`(${fromNow(time, at)})`)}`
  return [
    `  ${colors.bold(rule)}: ${truthWord(truth, colors)}${since === undefined ? '' : `  since ${moment(since)}`}`,
    ...(retryAt === undefined ? [] : [colors.yellow(`    held back, tried again ${localTime(retryAt)} (${fromNow(retryAt, at)})`)]),
    evidenceText(evidence, at, colors, '    '),
    `    ${colors.dim('last decided:')} ${last === undefined ? 'never' : `${moment(last.at)} ${outcomeWord(last, colors, messageOf(last, messages))}`}`,
  ].join('\n')
}

function decisionsText({ ledger, messages, at }: Explanation, colors: Colors): string {
  return columns(
    ledger.map((decision) => [localTime(decision.at), colors.bold(decision.rule), outcomeText(decision, at, colors, messageOf(decision, messages))]),
  )
}

/** A message has the key of its decision. */
function messageOf({ key }: Decision, messages: readonly Message[]): Message | undefined {
  return messages.find((message) => message.key === key)
}

function messagesText({ messages }: Explanation, colors: Colors): string {
  return columns(
    messages.map((message) => [localTime(message.sentAt ?? message.decidedAt), colors.bold(message.rule), messageText(message), messageState(message)]),
  )
}

function messageState(message: Message): string {
  const { state, reason, seenAt, clickedAt, dismissedAt, attempts, notBefore } = message
  const answers = [
    seenAt === undefined ? '' : `seen ${localTime(seenAt)}`,
    clickedAt === undefined ? '' : `clicked ${localTime(clickedAt)}`,
    dismissedAt === undefined ? '' : `dismissed ${localTime(dismissedAt)}`,
  ].filter((answer) => answer !== '')
  const waiting = state === 'queued' ? `queued${attempts === 0 ? '' : `, ${plural(attempts, 'attempt')}`}, next not before ${localTime(notBefore)}` : state
  return [waiting, ...(reason === undefined ? [] : [`(${reason})`]), ...answers].join(' ')
}

function section(title: string, entries: readonly string[], none: string, colors: Colors): string {
  return `${colors.underline(title)}\n${entries.length === 0 ? `  ${colors.dim(none)}` : entries.join('\n')}`
}
