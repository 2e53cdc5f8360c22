import { postgres as postgresStore } from '@waymark/store-postgres'
import { startPostgres } from '@waymark/testkit/postgres'
import { compared, type Measurement } from '../measure.ts'
import { pipelineSpeeds } from './pipeline.ts'

export const postgres: Measurement = {
  rows: [
    {
      name: 'host.postgres_vs_sqlite',
      compares: 'the pipeline on PostgreSQL on this machine, `synchronous_commit=on` / the pipeline on SQLite with `synchronous=FULL`',
      target: { atLeast: 0.3 },
    },
  ],
  async run() {
    const server = await startPostgres()
    try {
      const { sqlite, other } = await pipelineSpeeds(async () => postgresStore(await server.createDatabase()))
      return [compared('host.postgres_vs_sqlite', other, sqlite)]
    } finally {
      await server.close()
    }
  },
}
