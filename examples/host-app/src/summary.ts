import type { Decision, Guard, WaymarkConfig } from '@waymark/core'
import type { Census } from '@waymark/host'

export interface SummaryParts {
  readonly config: WaymarkConfig
  readonly census: Census
  readonly ledger: readonly Decision[]
  readonly mails: number
}

const HELD_BACK: Record<Guard, string> = {
  consent: 'did not agree to it',
  limit: 'had this message already',
  'frequency-cap': 'had enough messages that day',
  'quiet-hours': 'it was night where they are',
}

/** Who is where, what was sent and why, what was held back and why. */
export function summarise({ config, census, ledger, mails }: SummaryParts): string {
  const lines = ['WHO IS WHERE']
  for (const { id, members } of config.segments ?? []) {
    const count = census.segments[id] ?? {}
    const settled = Object.values(count).reduce((sum, value) => sum + value, 0)
    lines.push(`  ${id}`)
    for (const { name } of members) lines.push(bar(name, count[name] ?? 0, census.profiles))
    if (settled < census.profiles) lines.push(bar('(none)', census.profiles - settled, census.profiles))
  }

  lines.push('', 'WHAT WAS SENT, AND WHAT WAS HELD BACK')
  for (const { id, send } of config.rules ?? []) {
    const own = ledger.filter(({ rule }) => rule === id)
    const sent = own.filter(({ outcome }) => outcome === 'sent')
    lines.push(`  ${id} (${send.channel} ${send.kind}): ${sent.length} sent to ${new Set(sent.map(({ profile }) => profile)).size} users`)
    for (const [guard, held] of Map.groupBy(own.filter(({ guard: by }) => by !== undefined), ({ guard }) => guard as Guard)) {
      lines.push(`    ${String(held.length).padStart(5)} held back by ${guard}: the user ${HELD_BACK[guard].replace(/^it /, 'sleeps, ')}`)
    }
    const example = sent.at(0)
    if (example !== undefined) lines.push(...story(example))
  }
  lines.push('', `${mails} emails arrived at the mail server.`)
  return lines.join('\n')
}

function story({ profile, evidence, at }: Decision): readonly string[] {
  const reasons = evidence.map(({ says, value }) => (value === undefined ? says : `${says} (it was ${value})`))
  return [`          for example ${profile}, ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC, because: ${reasons.join('; ')}`]
}

const WIDTH = 30

function bar(name: string, count: number, of: number): string {
  const filled = of === 0 ? 0 : Math.round((count / of) * WIDTH)
  return `    ${name.padEnd(14)} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${String(count).padStart(5)}  ${of === 0 ? 0 : Math.round((count / of) * 100)}%`
}
