import { PURPOSES, type Purpose } from '@waymark/core'
import { optionChecks } from '@waymark/kit'

export interface DuckdbOptions {
  /** Where the lake lies; created when the host starts. One host writes into it, any number of processes read. */
  readonly folder: string
  /** The plugin's name. Default `duckdb`. */
  readonly name?: string
  /** What a user must agree to for their events to be kept. Default `analytics`. */
  readonly purpose?: Purpose
  /** What of Waymark's own findings is kept too. Default both. */
  readonly learned?: readonly ('memberships' | 'decisions')[]
  /** The most memory DuckDB takes before it spills to `<folder>/tmp`, as it writes amounts: `512MB`, `4GB`. Default `1GB`. */
  readonly memoryLimit?: string
  /** Threads of DuckDB. Default as many as there are cores. */
  readonly threads?: number
  /** How long a file that was merged into another stays for queries under way, in milliseconds. Default 10 minutes. */
  readonly graceMs?: number
}

export type Settings = Required<Omit<DuckdbOptions, 'threads'>> & Pick<DuckdbOptions, 'threads'>

const { wrong, expectKnown, expectName, expectText, expectPositive } = optionChecks('duckdb')

/** Checks the options and fills in the defaults. Throws `DUCKDB_OPTION_INVALID`. */
export function settingsOf(options: DuckdbOptions): Settings {
  expectKnown(options, ['folder', 'name', 'purpose', 'learned', 'memoryLimit', 'threads', 'graceMs'])
  expectText('folder', options.folder, "say where the lake lies, as in './data/lake'")
  expectName(options.name)
  expectPositive('threads', options.threads, 'give a whole number, or leave it out')
  const { purpose = 'analytics', learned = ['memberships', 'decisions'], memoryLimit = '1GB', graceMs = 600_000 } = options
  if (!PURPOSES.includes(purpose)) throw wrong('purpose', `'${purpose}' is no purpose`, `use one of ${PURPOSES.join(', ')}`)
  if (!/^\d+(\.\d+)?\s*[KMGT]i?B$/i.test(memoryLimit)) throw wrong('memoryLimit', `'${memoryLimit}' is no amount`, "write it as '512MB' or '4GB'")
  if (!(graceMs >= 0)) throw wrong('graceMs', `${graceMs} is no length of time`, 'give milliseconds, 0 for none')
  const { folder, name = 'duckdb', threads } = options
  return { folder, name, purpose, learned, memoryLimit, graceMs, ...(threads === undefined ? {} : { threads }) }
}
