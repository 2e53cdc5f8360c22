import type { IdentityKey, JournalOutcome, NewJournalEntry } from '@waymark/core'
import type { IdentityReport } from '@waymark/host'
import { columns, localTime, plural } from './output.ts'
import type { Colors } from './terminal.ts'

/** Who somebody is, for a person: the profile, its ids, and the journal, newest first. */
export function renderIdentity({ user, profile, ids, journal }: IdentityReport, limit: number, colors: Colors): string {
  const alias = profile === user ? '' : colors.dim(`  (profile ${profile})`)
  const rows = ids.map((key) => [colors.dim(kindOf(key)), idOf(key)])
  const lines = journal.map((entry) => [localTime(entry.at), word(entry.outcome, colors), sentence(entry, colors)])
  const oldest = journal.at(-1)
  const more = journal.length === limit && oldest !== undefined ? `\n  ${colors.dim(`older ones: --before ${oldest.id}`)}` : ''
  return [
    `${colors.bold(user)}${alias}  ${plural(ids.length, 'id')}\n${columns(rows)}`,
    `${colors.underline('Journal, newest first')}\n${lines.length === 0 ? `  ${colors.dim('empty: every id was theirs from the beginning')}` : columns(lines)}${more}`,
  ]
    .join('\n\n')
    .concat('\n')
}

/** What came of a merge or an unmerge by hand. */
export function renderIdentityChange(entry: NewJournalEntry, colors: Colors): string {
  const again =
    entry.outcome === 'unmerged'
      ? `\n${colors.dim(`the two do not merge again by themselves; waymark identity merge ${entry.into} ${entry.from} undoes it`)}`
      : ''
  return `${sentence(entry, colors)}${again}\n`
}

function sentence({ outcome, from, into, keys, event, reason }: NewJournalEntry, colors: Colors): string {
  const ids = keys.length === 0 ? '' : colors.dim(`  ids ${keys.map(showKey).join(', ')}`)
  const cause = event === undefined ? colors.dim('  by hand') : colors.dim(`  by event ${event.messageId} of ${event.source}`)
  return `${WHAT[outcome](colors.bold(from), colors.bold(into))}${reason === undefined ? '' : `: ${reason}`}${ids}${cause}`
}

const WHAT: Record<JournalOutcome, (from: string, into: string) => string> = {
  merged: (from, into) => `${from} became part of ${into}`,
  linked: (from, into) => `${from} was ${into}'s from its first event`,
  unmerged: (from, into) => `${from} was taken out of ${into}`,
  refused: (from, into) => `${from} did not become part of ${into}`,
  shared: (from, into) => `${from} was used by ${into} too`,
}

function word(outcome: JournalOutcome, colors: Colors): string {
  return outcome === 'refused' || outcome === 'shared' ? colors.yellow(outcome) : outcome === 'unmerged' ? colors.red(outcome) : colors.green(outcome)
}

/** As a person reads it: `user ada`, `anonymous web-1`. */
export function showKey(key: IdentityKey): string {
  return `${kindOf(key)} ${idOf(key)}`
}

function kindOf(key: IdentityKey): string {
  return key.slice(0, key.indexOf(':'))
}

function idOf(key: IdentityKey): string {
  return key.slice(key.indexOf(':') + 1)
}
