import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { entry, event, NOW } from '@waymark/testkit/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqlite } from '../src/index.ts'
import { migrate } from '../src/schema/migrations.ts'

const DAY = 86_400_000
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-sqlite-'))
  path = join(folder, 'waymark.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the file', () => {
  it('is not touched before open, and is made with its folders then', async () => {
    const deep = join(folder, 'a/b/waymark.db')
    const store = sqlite(deep)
    expect(existsSync(join(folder, 'a'))).toBe(false)
    await store.open()
    expect(existsSync(deep)).toBe(true)
    await store.close()
  })

  it('is alone once it is closed: what was written ahead is in it', async () => {
    const store = sqlite(path)
    await store.open()
    await store.transaction((tx) => tx.append([entry('u1')]))
    expect(existsSync(`${path}-wal`)).toBe(true)
    await store.close()
    expect(existsSync(`${path}-wal`)).toBe(false)
  })

  it('left by a process that died has all of its log written into it, and synced, before anybody is answered', async () => {
    const store = sqlite(path)
    await store.open()
    await store.transaction((tx) => tx.append([entry('u1')]))
    const left = join(folder, 'left.db')
    for (const end of ['', '-wal']) copyFileSync(path + end, left + end)
    await store.close()
    const next = sqlite(left)
    await next.open()
    expect(statSync(`${left}-wal`).size).toBe(0)
    expect(await next.lastSeq()).toBe(1)
    await next.close()
  })

  it('can be read while another store has it open and is in a transaction', async () => {
    const [owner, guest] = [sqlite(path), sqlite(path)]
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
    await expect(sqlite(path).open()).rejects.toMatchObject({ code: 'STORE_IN_USE' })
    await expect(sqlite(`${path}.nowhere`).open({ readOnly: true })).rejects.toMatchObject({ code: 'STORE_MISSING' })
    expect(existsSync(`${path}.nowhere`)).toBe(false)
    await Promise.all([owner.close(), guest.close()])
  })

  it('rejects a transaction that another process keeps from writing, and goes on after', async () => {
    const store = sqlite(path, { busyTimeout: 20 })
    await store.open()
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    await expect(store.transaction((tx) => tx.setCursor('c', '1'))).rejects.toMatchObject({
      code: 'STORE_WRITE_FAILED',
      place: path,
      mend: expect.stringContaining('another process'),
    })
    other.exec('ROLLBACK')
    other.close()
    await store.transaction((tx) => tx.setCursor('c', '2'))
    expect(await store.cursor('c')).toBe('2')
    await store.close()
  })

  it('rejects what does not fit on the disk, and takes what fits again', async () => {
    const store = sqlite(path)
    await store.open()
    const other = new DatabaseSync(path)
    // A full disk makes SQLite roll back by itself in the middle of a transaction; `raise(ROLLBACK)` does just that.
    other.exec("CREATE TRIGGER full BEFORE INSERT ON cursors WHEN new.value = 'too much' BEGIN SELECT raise(ROLLBACK, 'database or disk is full'); END")
    other.close()
    const attempt = store.transaction(async (tx) => {
      await tx.setCursor('a', 'fits')
      await tx.setCursor('b', 'too much').catch(() => {})
      // SQLite has rolled back by itself: without care this would be written outside of any transaction.
      await tx.setCursor('c', 'fits').catch(() => {})
    })
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED', cause: expect.objectContaining({ message: 'database or disk is full' }) })
    await store.transaction((tx) => tx.setCursor('d', 'fits'))
    expect([await store.cursor('a'), await store.cursor('c'), await store.cursor('d')]).toEqual([undefined, undefined, 'fits'])
    await store.close()
  })

  it('shows no commit before it is on the disk', async () => {
    const store = sqlite(path)
    await store.open()
    let acknowledged = 0
    async function write(): Promise<void> {
      for (let commit = 1; commit <= 300; commit += 1) {
        await store.transaction((tx) => tx.append([entry('p', event())]))
        acknowledged = commit
      }
    }
    const ahead: number[] = []
    const writing = write()
    while (acknowledged < 300) {
      const seen = await store.lastSeq()
      // Whoever wrote it hears of it in this turn of the event loop; a sync takes longer.
      await new Promise((resolve) => setImmediate(resolve))
      if (seen > acknowledged) ahead.push(seen)
    }
    await writing
    expect(ahead).toEqual([])
    await store.close()
  })

  it('rejects a commit that fails', async () => {
    const store = sqlite(path)
    await store.open()
    const other = new DatabaseSync(path)
    // A deferred constraint is the one thing that fails at COMMIT and not before.
    other.exec(`CREATE TABLE parents (id TEXT PRIMARY KEY);
      CREATE TABLE children (parent TEXT REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER orphan AFTER INSERT ON cursors WHEN new.value = 'orphan' BEGIN INSERT INTO children VALUES ('nobody'); END`)
    other.close()
    await expect(store.transaction((tx) => tx.setCursor('a', 'orphan'))).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED', place: path })
    await store.transaction((tx) => tx.setCursor('b', '1'))
    expect([await store.cursor('a'), await store.cursor('b')]).toEqual([undefined, '1'])
    await store.close()
  })

  it('keeps the write-ahead log bounded, however much is written', async () => {
    const store = sqlite(path)
    await store.open()
    let most = 0
    for (let round = 0; round < 120; round += 1) {
      await store.transaction((tx) => tx.append(Array.from({ length: 500 }, () => entry('u1', { properties: { filler: 'x'.repeat(1_000) } }))))
      await store.lastSeq()
      most = Math.max(most, statSync(`${path}-wal`).size)
    }
    expect(statSync(path).size).toBeGreaterThan(60_000_000)
    expect(most).toBeLessThan(24_000_000)
    await store.close()
  })
})

describe('a killed process', () => {
  it('leaves whole transactions, and every one it told of', async () => {
    const script = fileURLToPath(new URL('killed-process.ts', import.meta.url))
    for (const wait of [0, 7, 23]) {
      const child = spawn(process.execPath, ['--conditions=@waymark/source', '--experimental-strip-types', script, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let told = 0
      await new Promise<void>((resolve, reject) => {
        child.once('exit', (code, signal) => (signal === 'SIGKILL' ? resolve() : reject(new Error(`the process ended by itself with ${code}`))))
        child.stdout.on('data', (chunk: Buffer) => {
          const isFirst = told === 0
          told = Number(chunk.toString().trim().split('\n').at(-1))
          if (isFirst) setTimeout(() => child.kill('SIGKILL'), wait)
        })
      })
      const store = sqlite(path)
      await store.open()
      const rounds = Number(await store.cursor('round'))
      expect(rounds).toBeGreaterThanOrEqual(told)
      const log = await store.log(0, 1_000_000)
      const perProfile = [...Map.groupBy(log, ({ profile }) => profile).values()]
      expect(new Set([...Map.groupBy(log, ({ commit }) => commit).values()].map((commit) => commit.length))).toEqual(new Set([10]))
      expect(new Set(perProfile.map((entries) => entries.length % 10))).toEqual(new Set([0]))
      expect((await store.profilesOf([`user:u${rounds}`, `user:u${rounds + 1}`])).has(`user:u${rounds}`)).toBe(true)
      await store.close()
    }
  })
})

describe('migrations', () => {
  const version = (database: DatabaseSync) => Object.values(database.prepare('PRAGMA user_version').get() ?? {})[0]

  it('take an empty file from version 0 to the newest', async () => {
    new DatabaseSync(path).close()
    const store = sqlite(path)
    await store.open()
    await store.close()
    const database = new DatabaseSync(path)
    expect(version(database)).toBe(4)
    database.close()
  })

  it('go on where the last one that committed ended', () => {
    const database = new DatabaseSync(path)
    const steps = ['CREATE TABLE one (id)', 'CREATE TABLE two (id); INSERT INTO two VALUES (1); INSERT INTO missing VALUES (1)']
    expect(() => migrate(database, steps)).toThrow('missing')
    expect(version(database)).toBe(1)
    expect(database.isTransaction).toBe(false)
    migrate(database, [steps[0] as string, 'CREATE TABLE two (id)', 'ALTER TABLE one ADD COLUMN name'])
    expect(version(database)).toBe(3)
    migrate(database, [steps[0] as string])
    expect(version(database)).toBe(3)
    database.close()
  })

  it('refuse a database from a newer version and leave it as it was', async () => {
    const store = sqlite(path)
    await store.open()
    await store.close()
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 99')
    database.close()
    const before = readFileSync(path)
    await expect(sqlite(path).open()).rejects.toMatchObject({ '~waymark': 'error', code: 'STORE_NEWER', place: path, mend: expect.any(String) })
    expect(readFileSync(path).equals(before)).toBe(true)
  })
})

describe('what is not our database', () => {
  it('is refused when it is no database, and left as it was', async () => {
    writeFileSync(path, 'this is a letter to my grandmother\n'.repeat(100))
    const before = readFileSync(path)
    await expect(sqlite(path).open()).rejects.toMatchObject({
      '~waymark': 'error',
      code: 'STORE_OPEN_FAILED',
      place: path,
      mend: expect.stringContaining('something else'),
    })
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(existsSync(`${path}-wal`)).toBe(false)
  })

  it('is refused when it is a database of another program, and left as it was', async () => {
    const database = new DatabaseSync(path)
    database.exec('CREATE TABLE customers (id)')
    database.close()
    const before = readFileSync(path)
    await expect(sqlite(path).open()).rejects.toMatchObject({ code: 'STORE_FOREIGN', place: path, mend: expect.any(String) })
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('is refused when it is damaged', async () => {
    const store = sqlite(path)
    await store.open()
    await store.close()
    const bytes = readFileSync(path)
    bytes.fill(0x5a, 100, 4_096)
    writeFileSync(path, bytes)
    await expect(sqlite(path).open()).rejects.toMatchObject({ code: 'STORE_OPEN_FAILED', place: path, mend: expect.stringContaining('damaged') })
  })

  it('is refused when it is a folder, below a file, or no path at all', async () => {
    mkdirSync(path)
    await expect(sqlite(path).open()).rejects.toMatchObject({ code: 'STORE_OPEN_FAILED', place: path })
    writeFileSync(join(folder, 'file'), '')
    await expect(sqlite(join(folder, 'file/waymark.db')).open()).rejects.toMatchObject({ code: 'STORE_OPEN_FAILED' })
    await expect(sqlite('').open()).rejects.toMatchObject({ code: 'STORE_PATH_MISSING' })
  })
})

describe('claims', () => {
  it('are forgotten after seven days, a bounded number with each transaction', async () => {
    const store = sqlite(path)
    await store.open()
    const watcher = new DatabaseSync(path, { readOnly: true })
    const left = (): number => Number(watcher.prepare('SELECT count(*) AS n FROM claims WHERE at = ?').get(NOW)?.['n'])
    const old = Array.from({ length: 10_000 }, (_, index) => event({ messageId: `old-${index * 7919}` }))
    await store.transaction((tx) => tx.claim(old, NOW))
    for (let round = 0; round < 40; round += 1) await store.transaction((tx) => tx.claim([event()], NOW + 7 * DAY))
    expect(left()).toBe(10_000)

    let rounds = 0
    for (let before = 10_000; before > 0; rounds += 1) {
      await store.transaction((tx) =>
        tx.claim(
          Array.from({ length: 300 }, () => event()),
          NOW + 7 * DAY + 1,
        ),
      )
      const now = left()
      expect(before - now).toBeLessThanOrEqual(600)
      before = now
      expect(rounds).toBeLessThan(60)
    }
    expect(await store.transaction((tx) => tx.claim(old.slice(0, 1), NOW + 8 * DAY))).toEqual([true])
    watcher.close()
    await store.close()
  })
})
