import type { Store } from '@waymark/core'
import { type Line, lineTo, type PostgresServer, startPostgresIfPossible } from '@waymark/testkit/postgres'
import { entry, event, NOW } from '@waymark/testkit/store'
import { Client } from 'pg'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { postgres } from '../src/index.ts'

const running = await startPostgresIfPossible()
afterAll(() => running?.close())

describe.skipIf(running === undefined)('the connection', () => {
  const server = running as PostgresServer
  let line: Line
  let store: Store
  let schema: string
  let schemas = 0
  beforeEach(async () => {
    line = await lineTo(server.port)
    schema = `connection_${schemas++}`
    store = through()
    await store.open()
  })
  afterEach(async () => {
    await store.close()
    await line.close()
  })
  const through = (reconnectTimeout = 5_000) =>
    postgres({ connectionString: server.url().replace(`:${server.port}/`, `:${line.port}/`), schema, reconnectTimeout })
  const direct = () => postgres({ connectionString: server.url(), schema })

  async function ask(sql: string, ...values: unknown[]): Promise<void> {
    const client = new Client(server.url())
    await client.connect()
    await client.query(sql, values)
    await client.end()
  }
  async function count(sql: string): Promise<number> {
    const client = new Client(server.url())
    await client.connect()
    const { rows } = await client.query<{ count: string }>(sql)
    await client.end()
    return Number(rows[0]?.count)
  }
  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
  }
  /** Ends the sessions of the store, as an administrator does; the store has noticed when it resolves. */
  async function terminate(): Promise<void> {
    await ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'waymark'")
    await line.empty()
  }
  const write = (value: string) => store.transaction((tx) => tx.setCursor('c', value))

  it('that is lost between two transactions is made anew, for writing and for reading', async () => {
    await write('1')
    expect(await store.cursor('c')).toBe('1')
    await terminate()
    await write('2')
    await terminate()
    expect(await store.cursor('c')).toBe('2')
  })

  it('to a server that restarts is waited for: nobody notices but by the time it takes', async () => {
    await write('1')
    await server.stop()
    const [, read] = await Promise.all([write('2'), store.lastSeq(), server.start()])
    expect(read).toBe(0)
    expect(await store.cursor('c')).toBe('2')
  })

  it('to a server that crashes: what was acknowledged is there, and the host goes on', async () => {
    const [seq] = await store.transaction((tx) => tx.append([entry('u', { messageId: 'acknowledged' })]))
    const torn = store.transaction(async (tx) => {
      await tx.append([entry('u', { messageId: 'torn' })])
      await server.crash()
      return tx.lease(['k'], NOW, NOW)
    })
    await expect(torn).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await server.start()
    const [next] = await store.transaction((tx) => tx.append([entry('u', { messageId: 'after' })]))
    expect((await store.log(0, 10)).map(({ seq: one, input }) => [one, input.kind === 'event' && input.event.messageId])).toEqual([
      [seq, 'acknowledged'],
      [next, 'after'],
    ])
  })

  it('that is lost in the middle of a transaction leaves nothing of it, and the next one goes on', async () => {
    const torn = store.transaction(async (tx) => {
      await tx.claim([event({ messageId: 'a' })], NOW)
      await tx.setCursor('c', 'half')
      await terminate()
      await tx.setCursor('c', 'whole')
    })
    await expect(torn).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('nothing of the transaction was written'),
      mend: expect.stringContaining('again'),
    })
    expect(await store.transaction((tx) => tx.claim([event({ messageId: 'a' })], NOW))).toEqual([true])
    expect(await store.cursor('c')).toBeUndefined()
  })

  it('to a server that is gone for too long: reads and transactions are rejected, and go on when it is back', async () => {
    await store.close()
    store = through(100)
    await store.open()
    await write('1')
    line.isOpen = false
    await terminate()
    await expect(write('2')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      place: expect.stringContaining(schema),
      mend: expect.stringContaining('again in a moment'),
    })
    await expect(store.cursor('c')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    line.isOpen = true
    // Gone before there was a commit to speak of: nothing is in doubt.
    const torn = store.transaction(async (tx) => {
      await tx.setCursor('c', '2')
      line.isOpen = false
      await terminate()
    })
    await expect(torn).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('nothing of the transaction was written') })
    line.isOpen = true
    await write('3')
    expect(await store.cursor('c')).toBe('3')
  })

  describe('that breaks at the commit', () => {
    it('before the server heard of it: the transaction is rejected, for nothing was written', async () => {
      line.cutAtCommit('request lost')
      await expect(write('1')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('nothing of the transaction was written') })
      expect(await store.cursor('c')).toBeUndefined()
      await write('2')
      expect(await store.cursor('c')).toBe('2')
    })

    it('before the answer came: the server is asked, and the transaction resolves, for it was written', async () => {
      line.cutAtCommit('answer lost')
      const seqs = await store.transaction((tx) => tx.append([entry('u'), entry('u')]))
      expect((await store.log(0, 10)).map(({ seq }) => seq)).toEqual(seqs)
      const [next] = await store.transaction((tx) => tx.append([entry('u')]))
      expect(next).toBe(Math.max(...seqs) + 1)
      expect(await store.lastSeq()).toBe(next)
    })

    it.each(['request lost', 'answer lost'] as const)(
      'and the server cannot be asked (%s): says that it is not known, until it can be asked again',
      async (lost) => {
        await store.close()
        store = through(100)
        await store.open()
        line.cutAtCommit(lost)
        const unknown = store.transaction(async (tx) => {
          await tx.append([entry('u')])
          line.isOpen = false
        })
        await expect(unknown).rejects.toMatchObject({
          code: 'STORE_COMMIT_UNKNOWN',
          message: expect.stringContaining('may be written or not'),
          mend: expect.stringContaining('how far the log has come'),
        })
        await expect(store.lastSeq()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
        line.isOpen = true
        const isWritten = lost === 'answer lost'
        expect(await store.lastSeq()).toBe(isWritten ? 1 : 0)
        expect(await store.transaction((tx) => tx.append([entry('u')]))).toEqual([isWritten ? 2 : 1])
        expect(await store.log(0, 10)).toHaveLength(isWritten ? 2 : 1)
      },
    )

    it('while the server is slow to write it: nothing is read before its fate is known', async () => {
      await store.close()
      store = through(100)
      await store.open()
      const blocker = new Client(server.url())
      await blocker.connect()
      // The commit waits on the server for this lock, as one may wait for a disk or a standby.
      await blocker.query(`BEGIN; SELECT 1 FROM ${schema}.head FOR UPDATE`)
      line.cutAtCommit('answer lost')
      const unknown = store.transaction((tx) => tx.append([entry('u')]))
      await until(async () => (await count("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'waymark' AND wait_event_type = 'Lock'")) === 1)
      line.drop()
      await expect(unknown).rejects.toMatchObject({ code: 'STORE_COMMIT_UNKNOWN' })
      const read = store.lastSeq()
      const asksForTheLock = "application_name = 'waymark' AND query LIKE '%pg_try_advisory_lock%'"
      await until(async () => (await count(`SELECT count(*) FROM pg_stat_activity WHERE ${asksForTheLock}`)) === 1)
      await blocker.query('COMMIT')
      await blocker.end()
      expect(await read).toBe(1)
    })
  })

  describe('and another host', () => {
    it('that came while it was lost: the first one writes no more, not even when the other has gone', async () => {
      await store.close()
      store = through(100)
      await store.open()
      await write('1')
      line.isOpen = false
      await terminate()
      const other = direct()
      await other.open()
      line.isOpen = true
      await expect(write('2')).rejects.toMatchObject({ code: 'STORE_IN_USE' })
      await other.transaction((tx) => tx.setCursor('c', "the other's"))
      await other.close()
      for (const _ of [1, 2]) await expect(write('3')).rejects.toMatchObject({ code: 'STORE_TAKEN_OVER', mend: expect.stringContaining('one host') })
      expect(await store.cursor('c')).toBe("the other's")
    })

    it('that came although the session still is there, as behind a pooler that lends it on: the commit fails', async () => {
      await write('1')
      // What a host does when it takes over, without the lock that keeps it from it.
      await ask(`UPDATE ${schema}.head SET epoch = epoch + 1`)
      await expect(write('2')).rejects.toMatchObject({ code: 'STORE_TAKEN_OVER' })
      expect(await store.cursor('c')).toBe('1')
    })
  })

  it('is not used by what comes after the work of a transaction has ended', async () => {
    let late: Promise<unknown> | undefined
    const failed = store.transaction(async (tx) => {
      await tx.setCursor('c', '1')
      late = Promise.allSettled([tx.merge('a', 'b', NOW), tx.setCursor('c', 'late'), tx.link(['user:a'], 'late')])
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    expect(await late).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }, { status: 'rejected' }])
    expect(await store.cursor('c')).toBeUndefined()
    expect((await store.profilesOf(['user:a'])).size).toBe(0)
  })

  it('carries out what was asked for before the work of a transaction ended, awaited or not', async () => {
    await store.transaction(async (tx) => {
      void tx.keysOf('u')
      void tx.setCursor('c', 'not awaited')
    })
    expect(await store.cursor('c')).toBe('not awaited')
  })

  it('that fails to commit leaves nothing, and the next transaction goes on', async () => {
    await ask(`SET search_path TO ${schema}; CREATE TABLE parents (id text PRIMARY KEY);
      CREATE TABLE children (parent text REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
      CREATE FUNCTION orphan() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ${schema}.children VALUES ('nobody'); RETURN NEW; END $$;
      CREATE TRIGGER orphan BEFORE INSERT ON cursors FOR EACH ROW WHEN (NEW.value = 'orphan') EXECUTE FUNCTION orphan()`)
    await expect(write('orphan')).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED', cause: expect.objectContaining({ code: '23503' }) })
    await write('1')
    expect(await store.cursor('c')).toBe('1')
  })
})
