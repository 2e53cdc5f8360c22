import { WaymarkError } from '@waymark/core'

/** What the process ends with. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** The command failed at its work. */
  failed: 1,
  /** The command line or the config is wrong: nothing was done. */
  usage: 2,
  /** What was asked for does not exist: a user, a rule, a file. */
  notFound: 3,
  /** The store can be written no more by this process; another one may. */
  lost: 4,
  /** Stopped with Ctrl-C before it was done. */
  interrupted: 130,
} as const

export const EXIT_HELP: string = `
Exit codes:
  0    done
  1    the command failed
  2    the command line or the config is wrong
  3    not found: the user, rule or file asked for does not exist
  4    the store was lost: another host took it over, or the disk failed; start it anew
  130  interrupted before it was done`

export function exitCodeOf(error: unknown): number {
  if (!WaymarkError.is(error)) return EXIT.failed
  if (error.code === 'NOT_FOUND' || error.code === 'STORE_MISSING') return EXIT.notFound
  return error.code === 'USAGE' || error.code.startsWith('CONFIG_') ? EXIT.usage : EXIT.failed
}
