import { type PostgresServer, startPostgresIfPossible } from '@waymark/testkit/postgres'
import { Client } from 'pg'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { postgres } from '../src/index.ts'
import { settingsOf } from '../src/options.ts'
import { FIRST } from '../src/schema/first.ts'
import { inspectToRead, migrate } from '../src/schema/migrations.ts'
import { SECOND } from '../src/schema/second.ts'
import { THIRD } from '../src/schema/third.ts'
import { connect, type Session } from '../src/session.ts'

const running = await startPostgresIfPossible({ settings: { fsync: 'off' } })
afterAll(() => running?.close())

/** All there are. */
const STEPS = [FIRST, SECOND, THIRD]
/** A later version, as one may come: it changes a table that is full, in several statements. */
const LATER = `
ALTER TABLE cursors ADD COLUMN length integer NOT NULL DEFAULT 0;
UPDATE cursors SET length = char_length(value);
CREATE INDEX cursors_by_length ON cursors (length);
`
const statementsOf = (step: string) => step.split(/;\n/).filter((statement) => statement.trim() !== '')

describe.skipIf(running === undefined)('migrations', () => {
  const server = running as PostgresServer
  const settings = () => settingsOf({ connectionString: server.url(), schema })
  let schema: string
  let schemas = 0
  let watcher: Client
  beforeEach(async () => {
    schema = `migrations_${schemas++}`
    watcher = new Client(server.url())
    await watcher.connect()
  })
  afterEach(() => watcher.end())

  async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await connect(settings())
    try {
      return await work(session)
    } finally {
      await session.end()
    }
  }
  async function shape(): Promise<readonly string[]> {
    const columns = `SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || coalesce(' ' || collation_name, '') AS says
      FROM information_schema.columns WHERE table_schema = $1 UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = $1 ORDER BY 1`
    return (await watcher.query<{ says: string }>(columns, [schema])).rows.map(({ says }) => says.replaceAll(schema, 'schema'))
  }

  it('that are cut off at any statement leave what was there, and the next start goes on', async () => {
    await withSession((session) => migrate(session, settings()))
    const whole = await shape()
    expect(statementsOf(FIRST).length).toBeGreaterThan(30)
    for (const [index, step] of STEPS.entries()) {
      const statements = statementsOf(step)
      for (let done = 0; done <= statements.length; done += 1) {
        schema = `migrations_${schemas++}`
        if (index > 0) await withSession((session) => migrate(session, settings(), STEPS.slice(0, index)))
        const before = await shape()
        // The server ends the session in the middle of the step.
        const cut = [...statements.slice(0, done), 'SELECT pg_terminate_backend(pg_backend_pid())', ...statements.slice(done)].join(';\n')
        await expect(withSession((session) => migrate(session, settings(), [...STEPS.slice(0, index), cut]))).rejects.toThrow()
        expect(await shape()).toEqual(before)
        await withSession((session) => migrate(session, settings()))
        expect(await shape()).toEqual(whole)
      }
    }
  }, 60_000)

  it('keep what is stored, also when they fail on the way', async () => {
    const store = postgres({ connectionString: server.url(), schema })
    await store.open()
    await store.transaction((tx) => tx.setCursor('c', 'value'))
    await store.close()
    const before = await shape()
    const statements = statementsOf(LATER)
    for (let done = 0; done <= statements.length; done += 1) {
      const cut = [...statements.slice(0, done), 'INSERT INTO missing VALUES (1)'].join(';\n')
      await withSession(async (session) => {
        await expect(migrate(session, settings(), [...STEPS, cut])).rejects.toThrow('missing')
        // The same session may go on: it is in no transaction any more.
        expect(await session.all('SELECT value FROM cursors')).toEqual([{ value: 'value' }])
      })
      expect(await shape()).toEqual(before)
    }
    await withSession((session) => migrate(session, settings(), [...STEPS, LATER]))
    const { rows } = await watcher.query(`SELECT value, length FROM ${schema}.cursors`)
    expect(rows).toEqual([{ value: 'value', length: 5 }])
  })

  it('refuse a schema from a newer version and leave it as it was', async () => {
    await withSession((session) => migrate(session, settings(), [...STEPS, LATER]))
    const before = await shape()
    for (const readOnly of [false, true]) {
      const store = postgres({ connectionString: server.url(), schema })
      await expect(store.open({ readOnly })).rejects.toMatchObject({
        code: 'STORE_NEWER',
        message: expect.stringContaining(`version ${STEPS.length + 1}`),
        mend: expect.any(String),
      })
    }
    expect(await shape()).toEqual(before)
  })

  it('are not made for who opens an earlier version to read only', async () => {
    await withSession((session) => migrate(session, settings()))
    await withSession(async (session) => {
      await expect(inspectToRead(session, settings(), [...STEPS, LATER])).rejects.toMatchObject({
        code: 'STORE_OLDER',
        mend: expect.stringContaining('start the host'),
      })
    })
  })
})
