import type { DeadLetter, DeadLetterTotal } from '@waymark/core'
import { clip, columns, count, localTime, plural } from './output.ts'
import { messageText } from './render-decision.ts'
import type { Colors } from './terminal.ts'

/** A page of dead letters for a person, with how many there are of each plugin. */
export function renderDeadLetters(
  { deadLetters, totals }: { readonly deadLetters: readonly DeadLetter[]; readonly totals: readonly DeadLetterTotal[] },
  { limit, plugin }: { readonly limit: number; readonly plugin?: string },
  colors: Colors,
): string {
  const meant = totals.filter((total) => plugin === undefined || total.plugin === plugin)
  const all = meant.reduce((sum, total) => sum + total.count, 0)
  if (all === 0) return 'There are no dead letters.\n'
  const entries = deadLetters.map(
    (letter) => `${colors.dim(`#${letter.id}`)}  ${headOf(letter, colors)}\n  ${clip(letter.reason, 200)}\n  ${colors.dim(clip(subjectOf(letter), 140))}`,
  )
  const sums = columns(
    meant.map(({ plugin: name, stage, count: number, waiting }) => [
      count(number),
      `${name} (${stage})`,
      waiting === 0 ? '' : colors.dim(`${count(waiting)} of them tried again by itself`),
    ]),
    [{ align: 'right' }],
  )
  const last = deadLetters.at(-1)?.id
  const more = deadLetters.length === limit && limit < all ? `; --before ${last} shows older ones` : ''
  return `${entries.join('\n')}${entries.length === 0 ? '' : '\n\n'}${plural(all, 'dead letter')}${more}\n${sums}\n`
}

/** One dead letter whole. */
export function renderDeadLetter(letter: DeadLetter, colors: Colors): string {
  const body = letter.stage === 'sink' ? letter.event : letter.message
  return `${colors.dim(`#${letter.id}`)}  ${headOf(letter, colors)}\n${columns([
    [colors.dim('reason'), letter.reason],
    [colors.dim('about'), subjectOf(letter)],
    [colors.dim('version'), letter.version === '' ? 'not known' : letter.version],
  ])}\n\n${JSON.stringify(body, undefined, 2)}\n`
}

function headOf({ at, plugin, stage, attempts, retryAt }: DeadLetter, colors: Colors): string {
  const again = retryAt === undefined ? '' : colors.yellow(`  tried again ${localTime(retryAt)}`)
  return `${colors.dim(localTime(at))}  ${colors.cyan(plugin)} (${stage})  ${plural(attempts, 'attempt')}${again}`
}

function subjectOf(letter: DeadLetter): string {
  if (letter.stage === 'channel') {
    const { message } = letter
    return `${message.rule} for ${message.profile}: ${messageText(message)}, ${message.state}`
  }
  const { event } = letter
  const who = event.userId ?? event.anonymousId ?? event.groupId ?? 'nobody'
  return `${event.event ?? event.type} of ${who}, ${localTime(event.timestamp)}, message id ${event.messageId} from ${event.source}`
}
