export { startPostgresIfPossible } from './if-possible.ts'
export { type PostgresServer, type PostgresServerOptions, startPostgres } from './server.ts'
