import type { Erasure } from '@waymark/core'
import { columns, localTime, plural, wrapped } from './output.ts'
import type { Colors } from './terminal.ts'

/** What came of the wish to have somebody forgotten, and what it does not do. */
export function renderRequested(user: string, erasures: readonly Erasure[], warning: string, colors: Colors): string {
  const jobs = erasures.length === 0 ? '  no plugin of this config has an eraser: nobody else is asked' : lines(erasures, colors)
  const head = `${colors.bold(user)} is taken in no more; ${plural(erasures.length, 'plugin')} to forget them, from when the host starts`
  return `${head}\n${jobs}\n\n${colors.yellow(wrapped(warning, '').join('\n'))}\n`
}

export function renderErasures(erasures: readonly Erasure[], colors: Colors): string {
  return erasures.length === 0 ? `${colors.dim('nobody was to be forgotten')}\n` : `${lines(erasures, colors)}\n`
}

function lines(erasures: readonly Erasure[], colors: Colors): string {
  return columns(erasures.map((erasure) => [colors.dim(whoOf(erasure)), erasure.plugin, stateOf(erasure, colors), sayOf(erasure)]))
}

/** As long as it is known whom it is about, their profile; then the beginning of the hash. */
function whoOf({ subject, person }: Erasure): string {
  return subject?.profile ?? `#${person.slice(0, 12)}`
}

function stateOf({ state }: Erasure, colors: Colors): string {
  return { waiting: colors.yellow, requested: colors.yellow, confirmed: colors.green, failed: colors.red }[state](state)
}

function sayOf({ state, askedAt, dueBy, endedAt, nextAt, reason, detail }: Erasure): string {
  const ended = endedAt === undefined ? (nextAt === undefined ? '' : `, due by ${localTime(dueBy)}`) : `, ${state} ${localTime(endedAt)}`
  const said = reason ?? detail
  return `asked ${localTime(askedAt)}${ended}${said === undefined ? '' : `: ${said}`}`
}
