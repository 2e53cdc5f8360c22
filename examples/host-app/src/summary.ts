import { type Decision, type Guard, groundsOf, type Message, type WaymarkConfig } from '@waymark/core'
import type { Census } from '@waymark/host'

export interface SummaryParts {
  readonly config: WaymarkConfig
  readonly census: Census
  /** Newest first, as the store gives it. */
  readonly ledger: readonly Decision[]
  readonly messages: readonly Message[]
  readonly mails: number
}

const HELD_BACK: Record<Guard, string> = {
  consent: 'the user did not agree to such messages',
  limit: 'the user had this one already',
  'frequency-cap': 'the user had enough messages that day',
  'quiet-hours': 'it was night where the user is; tried again in the morning',
  unmerge: 'it came about while the user was taken for another',
  stale: 'its moment had passed too long ago when the host came to it',
}

/** Who is where, what was sent and why, what was held back and why, and what people made of it. */
export function summarise({ config, census, ledger, messages, mails }: SummaryParts): string {
  const lines = ['WHO IS WHERE']
  for (const { id, members } of config.segments ?? []) {
    const count = census.segments[id] ?? {}
    const settled = Object.values(count).reduce((sum, value) => sum + value, 0)
    lines.push('', `  ${id}`)
    for (const { name } of members) lines.push(bar(name, count[name] ?? 0, census.profiles))
    if (settled < census.profiles) lines.push(bar('(none)', census.profiles - settled, census.profiles))
  }

  lines.push('', 'WHAT WAS SENT AND WHY, WHAT WAS HELD BACK AND WHY')
  for (const { id, send } of config.rules ?? []) {
    const decisions = ledger.filter(({ rule }) => rule === id)
    const sent = decisions.filter(({ outcome }) => outcome === 'sent')
    lines.push('', `  ${id}   ${send.channel} ${send.kind}`)
    lines.push(count(sent.length, `sent, to ${new Set(sent.map(({ profile }) => profile)).size} users`))
    lines.push(...answers(messages.filter(({ rule }) => rule === id)))
    const held = Map.groupBy(
      decisions.flatMap(({ guard }) => guard ?? []),
      (guard) => guard,
    )
    for (const [guard, times] of held) lines.push(count(times.length, `held back by ${guard}: ${HELD_BACK[guard]}`))
    const example = sent[Math.floor(sent.length / 2)]
    if (example !== undefined) lines.push(`          for example to ${example.profile} on ${moment(example.at)}: ${because(example)}`)
  }
  lines.push('', `${mails} emails arrived at the mail server.`)
  return lines.join('\n')
}

/** What became of a rule's messages after they were decided on. */
function answers(messages: readonly Message[]): readonly string[] {
  const clicked = messages.filter(({ clickedAt }) => clickedAt !== undefined).length
  const dismissed = messages.filter(({ dismissedAt }) => dismissedAt !== undefined).length
  const cancelled = messages.filter(({ state }) => state === 'cancelled')
  return [
    ...(clicked + dismissed === 0 ? [] : [count(clicked, 'of these clicked'), count(dismissed, 'of these dismissed')]),
    ...(cancelled.length === 0 ? [] : [count(cancelled.length, `of these cancelled before leaving: ${cancelled[0]?.reason}`)]),
  ]
}

function because({ evidence }: Decision): string {
  return groundsOf(evidence)
    .map(({ says, value }) => (value === undefined ? says : `${says} (${value} so far)`))
    .join('; ')
}

function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function count(amount: number, text: string): string {
  return `  ${String(amount).padStart(6)}  ${text}`
}

const WIDTH = 30

function bar(name: string, amount: number, of: number): string {
  const share = of === 0 ? 0 : amount / of
  const filled = Math.round(share * WIDTH)
  return `    ${name.padEnd(14)} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${String(amount).padStart(5)}  ${Math.round(share * 100)}%`
}
