export { startPostgresIfPossible } from './if-possible.ts'
export { type Line, lineTo } from './line.ts'
export { type PostgresServer, type PostgresServerOptions, startPostgres } from './server.ts'
