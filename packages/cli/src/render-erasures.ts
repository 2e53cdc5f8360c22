import type { Erasure, IdentityKey } from '@waymark/core'
import { columns, localTime, plural, wrapped } from './output.ts'
import { showKey } from './render-identity.ts'
import type { Colors } from './terminal.ts'

export interface Requested {
  readonly user: string
  /** What the name stands for; none where nothing is known of it. */
  readonly ids: readonly IdentityKey[]
  readonly erasures: readonly Erasure[]
}

/** What came of the wish to have somebody forgotten, and what it does not do. */
export function renderRequested({ user, ids, erasures }: Requested, warning: string, colors: Colors): string {
  const whose = ids.length === 0 ? colors.yellow('  nothing is known of this id: check that it is the one you mean') : `  ${ids.map(showKey).join(', ')}`
  const waiting = erasures.filter(({ state }) => state === 'waiting').length
  const jobs =
    erasures.length === 0
      ? 'no plugin of this config has an eraser: nobody else is asked'
      : `${plural(waiting, 'plugin')} to be asked to forget them when the host starts\n${lines(erasures, colors)}`
  return `nothing of ${colors.bold(user)} is taken in or given out from now on\n${whose}\n\n${jobs}\n\n${colors.yellow(wrapped(warning, '').join('\n'))}\n`
}

/** Of one user or of all. */
export function renderErasures(erasures: readonly Erasure[], user: string | undefined, colors: Colors): string {
  return erasures.length === 0 ? `${colors.dim(`no plugin was asked to forget ${user ?? 'anybody'}`)}\n` : `${lines(erasures, colors)}\n`
}

function lines(erasures: readonly Erasure[], colors: Colors): string {
  // As long as one plugin needs to know whom it is about, all receipts of that person are theirs.
  const names = new Map(erasures.flatMap(({ person, subject }) => (subject === undefined ? [] : [[person, subject.profile] as const])))
  const whoOf = ({ person }: Erasure): string => names.get(person) ?? `#${person.slice(0, 12)}`
  return columns(erasures.map((erasure) => [colors.dim(whoOf(erasure)), erasure.plugin, stateOf(erasure, colors), sayOf(erasure)]))
}

function stateOf({ state }: Erasure, colors: Colors): string {
  return { waiting: colors.yellow, requested: colors.yellow, confirmed: colors.green, failed: colors.red }[state](state)
}

function sayOf({ state, askedAt, dueBy, endedAt, nextAt, reason, detail }: Erasure): string {
  const ended = endedAt === undefined ? (nextAt === undefined ? '' : `, due by ${localTime(dueBy)}`) : `, ${state} ${localTime(endedAt)}`
  const said = reason ?? detail
  return `asked ${localTime(askedAt)}${ended}${said === undefined ? '' : `: ${said}`}`
}
