import { closeSync, openSync, writeSync } from 'node:fs'
import { inspect } from 'node:util'
import { type PostgresServer, startPostgresIfPossible } from '@waymark/testkit/postgres'
import { entry } from '@waymark/testkit/store'
import { Client } from 'pg'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type PostgresOptions, postgres } from '../src/index.ts'

const running = await startPostgresIfPossible({ settings: { fsync: 'off' } })
afterAll(() => running?.close())

describe.skipIf(running === undefined)('the schema', () => {
  const server = running as PostgresServer
  let schema: string
  let schemas = 0
  beforeEach(() => {
    schema = `open ${schemas++}`
  })
  const store = (options: PostgresOptions = {}) => postgres({ connectionString: server.url(), schema, ...options })

  /** As somebody else on the server. */
  async function ask<Row extends object>(sql: string, ...values: unknown[]): Promise<readonly Row[]> {
    const client = new Client(server.url())
    await client.connect()
    try {
      return (await client.query<Row>(sql, values)).rows
    } finally {
      await client.end()
    }
  }
  const isThere = async () => (await ask('SELECT FROM pg_namespace WHERE nspname = $1', schema)).length === 1

  it('is not touched before open, and is made then, whatever its name', async () => {
    schema = `an "odd" name; DROP TABLE log; --`
    const odd = store()
    expect(await isThere()).toBe(false)
    await odd.open()
    expect(await isThere()).toBe(true)
    await odd.transaction((tx) => tx.setCursor('c', '1'))
    expect(await odd.cursor('c')).toBe('1')
    await odd.close()
  })

  it('has one writer; others read beside it, also in the middle of a transaction', async () => {
    const [owner, guest] = [store(), store()]
    await owner.open()
    await owner.transaction((tx) => tx.setCursor('c', 'committed'))
    await owner.transaction(async (tx) => {
      await tx.setCursor('c', 'not yet')
      await guest.open({ readOnly: true })
      expect(await guest.cursor('c')).toBe('committed')
      expect(await owner.cursor('c')).toBe('committed')
    })
    expect(await guest.cursor('c')).toBe('not yet')
    await expect(guest.transaction((tx) => tx.setCursor('c', 'mine'))).rejects.toMatchObject({ code: 'STORE_READ_ONLY' })
    await expect(store().open()).rejects.toMatchObject({
      code: 'STORE_IN_USE',
      place: expect.stringContaining(schema),
      message: expect.stringMatching(/in session \d+/),
      mend: expect.stringContaining('end the other one'),
    })
    await owner.close()
    const next = store()
    await next.open()
    await Promise.all([next.close(), guest.close()])
  })

  it('of another name is another store, in the same database', async () => {
    const [one, other] = [store(), store({ schema: `${schema} of another` })]
    await Promise.all([one.open(), other.open()])
    await one.transaction((tx) => tx.setCursor('c', '1'))
    expect(await other.cursor('c')).toBeUndefined()
    await Promise.all([one.close(), other.close()])
  })

  it('that is not there is not made by who opens it to read only', async () => {
    await expect(store().open({ readOnly: true })).rejects.toMatchObject({ code: 'STORE_MISSING', mend: expect.stringContaining('start the host') })
    expect(await isThere()).toBe(false)
  })

  it('of another program is refused, and left as it was', async () => {
    await ask(`CREATE SCHEMA "${schema}"`)
    await ask(`CREATE TABLE "${schema}".customers (id integer)`)
    for (const readOnly of [false, true]) await expect(store().open({ readOnly })).rejects.toMatchObject({ code: 'STORE_FOREIGN', mend: expect.any(String) })
    expect(await ask('SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1', schema)).toEqual([{ name: 'customers' }])
  })

  it('may be there, empty, made by somebody who may', async () => {
    const user = `guest_${schemas}`
    await ask(`CREATE ROLE ${user} LOGIN PASSWORD 'secret'`)
    await ask('REVOKE CREATE ON DATABASE postgres FROM PUBLIC')
    const url = server.url().replace('postgres:waymark@', `${user}:secret@`)
    await expect(store({ connectionString: url }).open()).rejects.toMatchObject({ code: 'STORE_OPEN_FAILED', mend: expect.stringContaining('grant') })
    await ask(`CREATE SCHEMA "${schema}" AUTHORIZATION ${user}`)
    const one = store({ connectionString: url })
    await one.open()
    await one.transaction((tx) => tx.setCursor('c', '1'))
    await one.close()
  })

  it('is refused in a database that cannot hold every character', async () => {
    await ask("CREATE DATABASE narrow ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
    await expect(store({ connectionString: server.url('narrow') }).open()).rejects.toMatchObject({
      code: 'STORE_UNSUITABLE',
      mend: expect.stringContaining('UTF8'),
    })
  })

  it('commits to the disk also where the server is set to less', async () => {
    const database = await server.createDatabase()
    await ask(`ALTER DATABASE ${database.split('/').at(-1)} SET synchronous_commit = off`)
    const one = store({ connectionString: database })
    await one.open()
    const watcher = new Client(database)
    await watcher.connect()
    await watcher.query(`SET search_path TO "${schema}"`)
    await watcher.query(`CREATE TABLE seen (setting text);
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen SELECT current_setting('synchronous_commit'); RETURN NEW; END $$;
      CREATE TRIGGER note BEFORE INSERT ON cursors FOR EACH ROW EXECUTE FUNCTION note()`)
    expect((await watcher.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'off' }])
    await one.transaction((tx) => tx.setCursor('c', '1'))
    expect((await watcher.query('SELECT setting FROM seen')).rows).toEqual([{ setting: 'on' }])
    await one.close()
    await watcher.end()
  })

  it('says how to mend what keeps it from being opened, and never tells the password', async () => {
    const secret = 'correct horse battery staple'
    const login = `postgres:${encodeURIComponent(secret)}`
    const refused: readonly [PostgresOptions | string, string, string][] = [
      [`postgres://${login}@localhost:${server.port}/postgres`, 'STORE_OPEN_FAILED', 'password'],
      [`postgres://${login}@localhost:1/postgres`, 'STORE_OPEN_FAILED', 'start the server'],
      [`postgres://${login}@localhost:not-a-port/postgres`, 'STORE_OPEN_FAILED', 'postgres://user:password@host:port/database'],
      [{ host: 'nowhere.invalid', user: 'u', password: secret }, 'STORE_OPEN_FAILED', 'host and port'],
      [{ host: 'localhost', port: server.port, user: 'postgres', password: () => Promise.reject(new Error('no such file')) }, 'STORE_OPEN_FAILED', ''],
      [{ connectionString: server.url('not-there') }, 'STORE_OPEN_FAILED', 'create the database'],
    ]
    for (const [options, code, mend] of refused) {
      const error = await postgres(options)
        .open()
        .then(
          () => undefined,
          (cause: unknown) => cause,
        )
      expect(error).toMatchObject({ '~waymark': 'error', code })
      expect((error as { mend?: string }).mend ?? '').toContain(mend)
      for (const text of [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error)]) {
        expect(text).not.toContain(secret)
        expect(text).not.toContain(encodeURIComponent(secret))
        expect(text).not.toContain(':waymark@')
      }
    }
  })

  it('tells how it stands', async () => {
    const one = store()
    await one.open()
    await one.transaction((tx) => tx.append([entry('u')]))
    const guest = store()
    await guest.open({ readOnly: true })
    const expected = { place: expect.stringContaining(schema), schema: 3, isWritable: true, isInUse: true, damage: [] }
    for (const opened of [one, guest]) expect(await opened.inspect?.()).toMatchObject(expected)
    expect((await one.inspect?.())?.bytes).toBeGreaterThan(100_000)
    await one.close()
    expect(await guest.inspect?.()).toMatchObject({ ...expected, isInUse: false })
    await guest.close()
  })

  it('tells of a page that is damaged', async () => {
    const one = store()
    await one.open()
    await one.transaction((tx) => tx.append(Array.from({ length: 100 }, () => entry('u'))))
    const [file] = await ask<{ path: string }>(`SELECT current_setting('data_directory') || '/' || pg_relation_filepath('"${schema}".log') AS path`)
    await one.close()
    await server.stop()
    const descriptor = openSync(file?.path as string, 'r+')
    writeSync(descriptor, Buffer.alloc(64, 0x5a), 0, 64, 5_000)
    closeSync(descriptor)
    await server.start()
    await one.open({ readOnly: true })
    expect((await one.inspect?.())?.damage).toEqual([expect.stringMatching(/^log: invalid page/)])
    await one.close()
  })

  it('passes what is said of TLS on', async () => {
    await expect(store({ ssl: { rejectUnauthorized: false } }).open()).rejects.toMatchObject({ message: expect.stringContaining('does not support SSL') })
  })
})
