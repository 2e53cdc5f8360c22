import { Client, type ClientConfig, escapeIdentifier, type QueryResult, types } from 'pg'
import type { Reader } from './connection.ts'
import { isAway } from './failure.ts'
import type { Settings } from './options.ts'
import type { Value } from './values.ts'

/** One session on the server, for writing. What is asked of it while an answer is outstanding is sent right behind. */
export interface Session extends Reader {
  /** Why the connection is gone, if it is: it does not come back by itself. */
  readonly lost: unknown
  /** Also tells what the server made of it: it answers a COMMIT after a failure with `ROLLBACK`. */
  ask(sql: string, ...values: Value[]): Promise<QueryResult>
  /** Several statements at once, without parameters. */
  script(sql: string): Promise<void>
  end(): Promise<void>
}

const BIGINT = types.builtins.INT8

/** Whole numbers come back as numbers: none here exceeds what a number holds. */
export const WHOLE_NUMBERS: NonNullable<ClientConfig['types']> = {
  getTypeParser: ((type, format) => (type === BIGINT && format !== 'binary' ? Number : types.getTypeParser(type, format))) as typeof types.getTypeParser,
}

/**
 * What every session is set to. A commit is on disk when it is answered, also where the database is set to less. A peer that is gone
 * without a word is noticed within a minute. Compiling queries would take longer than running them.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  default_transaction_isolation: 'read committed',
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
  jit: 'off',
}
const NO_LESS_THAN_ON = "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END"
const APPLY = `SELECT set_config('search_path', $1, false), set_config('synchronous_commit', ${NO_LESS_THAN_ON}, false),
  ${Object.entries(SETTINGS)
    .map(([name, value]) => `set_config('${name}', '${value}', false)`)
    .join(', ')}`

export async function applySettings(client: { query(sql: string, values: string[]): Promise<unknown> }, schema: string): Promise<void> {
  await client.query(APPLY, [escapeIdentifier(schema)])
}

const names = new Map<string, string>()

/** A statement is prepared once in each session, under a name that goes with its text. */
export function prepared(sql: string, values: readonly Value[]): { readonly name: string; readonly text: string; readonly values: Value[] } {
  let name = names.get(sql)
  if (name === undefined) {
    name = `waymark_${names.size}`
    names.set(sql, name)
  }
  return { name, text: sql, values: [...values] }
}

export async function connect({ client: config, schema }: Settings): Promise<Session> {
  const client = new Client({ ...config, types: WHOLE_NUMBERS, pipeline: true })
  let lost: unknown
  client.on('error', (error) => {
    lost ??= error
  })
  client.on('end', () => {
    lost ??= new Error('Connection terminated')
  })

  async function ask(sql: string, ...values: Value[]): Promise<QueryResult> {
    try {
      return await client.query(prepared(sql, values))
    } catch (error) {
      // The server says that it ends the session before the connection closes.
      if (isAway(error)) lost ??= error
      throw error
    }
  }

  try {
    await client.connect()
    await applySettings(client, schema)
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
  return {
    get lost() {
      return lost
    },
    ask,
    all: async <Row>(sql: string, ...values: Value[]) => (await ask(sql, ...values)).rows as Row[],
    async script(sql) {
      await client.query(sql)
    },
    async end() {
      await client.end().catch(() => {})
    },
  }
}
