import { type PostgresServer, type PostgresServerOptions, startPostgres } from './server.ts'

/** As `startPostgres`, but undefined where none can be started, with a line on standard error that says why: for tests that are passed over then. */
export async function startPostgresIfPossible(options: PostgresServerOptions = {}): Promise<PostgresServer | undefined> {
  try {
    return await startPostgres(options)
  } catch (error) {
    // The server that ends at once rejects with nothing at all.
    const reason = error instanceof Error ? error.message : 'the server ended at once'
    process.stderr.write(`PostgreSQL cannot be started here, so what needs it is passed over: ${reason}\n`)
    return undefined
  }
}
