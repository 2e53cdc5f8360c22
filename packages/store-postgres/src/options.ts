import type { ConnectionOptions } from 'node:tls'
import { Client, type ClientConfig } from 'pg'
import { settingsWrong } from './errors.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. What is named beside it is overridden by it. */
  readonly connectionString?: string
  /** What is not named is taken from `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER` and `PGPASSWORD`, as every client of PostgreSQL does. */
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly user?: string
  /** A function is asked at every connection: for passwords that change. */
  readonly password?: string | (() => string | Promise<string>)
  /** `true`, or what `node:tls` takes: `ca`, `cert`, `key`, `rejectUnauthorized`. Default: what the connection string or `PGSSLMODE` says. */
  readonly ssl?: boolean | ConnectionOptions
  /** The schema that has the tables; made at `open()`. One for each host that shares the database. Default `waymark`. */
  readonly schema?: string
  /** Most connections for reading, beside the one that writes. Default 4. */
  readonly readers?: number
  /** How long a connection may take to come about, in milliseconds. Default 5000. */
  readonly connectTimeout?: number
  /** How long to try to reach a server that is gone before a read or a transaction is rejected, in milliseconds. Default 10000. */
  readonly reconnectTimeout?: number
}

/** Options with their defaults, and the database by a name that gives no secret away. */
export interface Settings {
  readonly client: ClientConfig
  readonly schema: string
  readonly readers: number
  readonly reconnectTimeout: number
  readonly place: string
}

/** Touches no network. Throws `STORE_OPEN_FAILED` for what cannot be a database's name. */
export function settingsOf(options: string | PostgresOptions): Settings {
  const given = typeof options === 'string' ? { connectionString: options } : options
  const { schema = 'waymark', readers = 4, connectTimeout = 5_000, reconnectTimeout = 10_000, connectionString, ...rest } = given
  const client: ClientConfig = {
    ...rest,
    ...(connectionString === undefined ? {} : { connectionString }),
    application_name: 'waymark',
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  }
  return { client, schema, readers, reconnectTimeout, place: placeOf(client, schema) }
}

/** As `pg` understands them, for it also looks at the environment. */
function placeOf(config: ClientConfig, schema: string): string {
  try {
    const { user = '', host, port, database = '' } = new Client(config)
    return `postgres://${user}@${host}:${port}/${database} (schema ${schema})`
  } catch {
    throw settingsWrong()
  }
}
