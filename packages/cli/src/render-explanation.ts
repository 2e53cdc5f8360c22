import { type Evidence, type Message, type Truth, UNKNOWN } from '@waymark/core'
import type { Explanation } from '@waymark/host'
import { columns, count, fromNow, localTime, plural } from './output.ts'
import { messageText, outcomeText } from './render-decision.ts'
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
      explanation.rules.map((rule) => ruleText(rule, explanation.at, colors)),
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

function segmentText(segment: Explanation['segments'][number], at: number, colors: Colors): string {
  const { member, since, members } = segment
  const head =
    member === undefined
      ? colors.yellow(members.some(({ truth }) => truth === UNKNOWN) ? 'not settled yet' : 'in none')
      : `${colors.green(member)}${since === undefined ? '' : `  since ${localTime(since)} ${colors.dim(`(${fromNow(since, at)})`)}`}`
  const lines = members.map(({ name, truth, evidence }) => {
    const reasons = evidence.length === 0 ? [[colors.dim('none of the others')]] : evidence.map((one) => evidenceRow(one, at, colors))
    return `    ${truthWord(truth, colors)}  ${name}\n${columns(reasons, [], '        ')}`
  })
  return [`  ${colors.bold(segment.segment)}: ${head}`, ...lines].join('\n')
}

function ruleText(rule: Explanation['rules'][number], at: number, colors: Colors): string {
  const since = rule.since === undefined ? '' : `  since ${localTime(rule.since)} ${colors.dim(`(${fromNow(rule.since, at)})`)}`
  const retry = rule.retryAt === undefined ? '' : colors.yellow(`  held back, tried again ${localTime(rule.retryAt)} (${fromNow(rule.retryAt, at)})`)
  return `  ${colors.bold(rule.rule)}: ${truthWord(rule.truth, colors)}${since}${retry}\n${columns(
    rule.evidence.map((one) => evidenceRow(one, at, colors)),
    [],
    '    ',
  )}`
}

function evidenceRow({ says, truth, value, missing, flipsAt }: Evidence, at: number, colors: Colors): readonly string[] {
  const now = value === undefined ? '' : `now ${count(value)}`
  const lacks = missing === undefined || missing === says ? '' : `missing: ${missing}`
  const flips = flipsAt === undefined ? '' : colors.dim(`time alone may change it ${localTime(flipsAt)} (${fromNow(flipsAt, at)})`)
  return [truthWord(truth, colors), [says, now, lacks, flips].filter((part) => part !== '').join('; ')]
}

const WORDS: Record<Truth, string> = { 0: 'false', 1: 'not settled', 2: 'true' }

function truthWord(truth: Truth, colors: Colors): string {
  return [colors.red, colors.yellow, colors.green][truth]?.(WORDS[truth]) ?? WORDS[truth]
}

function decisionsText({ ledger, at }: Explanation, colors: Colors): string {
  return columns(ledger.map((decision) => [localTime(decision.at), colors.bold(decision.rule), outcomeText(decision, at, colors)]))
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
