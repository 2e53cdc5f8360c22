import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { entry, event, NOW } from '@waymark/testkit/store'
import { afterAll, expect, it } from 'vitest'
import { FIRST } from '../src/schema/first.ts'
import { FOURTH } from '../src/schema/fourth.ts'
import { migrate } from '../src/schema/migrations.ts'
import { SECOND } from '../src/schema/second.ts'
import { THIRD } from '../src/schema/third.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-migration-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const STEPS = [FIRST, SECOND, THIRD, FOURTH]
const SCRIPT = fileURLToPath(new URL('killed-migration.ts', import.meta.url))

const statementsOf = (step: string) => step.split(/;\n/).filter((statement) => statement.trim() !== '')

/** A database of the first version with something in every table that a later step changes. */
function fill(database: DatabaseSync): void {
  const { profile, now, input } = entry('u')
  database.prepare('INSERT INTO log (batch, profile, now, kind, body) VALUES (1, ?, ?, ?, ?)').run(profile, now, input.kind, JSON.stringify(input))
  database.exec(`INSERT INTO merges VALUES ('anon:a', 'u', 7, 1);
    INSERT INTO messages (key, profile, rule, channel, kind, content, decided_at, state, attempts, not_before, due_at)
      VALUES ('k', 'u', 'tip', 'mail', 'note', '{}', ${NOW}, 'dead', 1, ${NOW}, ${NOW})`)
  database.prepare("INSERT INTO dead_letters (at, sink, reason, event) VALUES (?, 'crm', 'never', ?)").run(NOW, JSON.stringify(event({ messageId: 'e' })))
  database.prepare("INSERT INTO quarantine (at, source, reason, raw) VALUES (?, 'web', 'no', ?)").run(NOW, JSON.stringify(event({ messageId: 'q' })))
}

/** All there is: the tables and indexes, and what is in them. */
function contents(database: DatabaseSync): unknown {
  const schema = database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all() as { type: string; name: string }[]
  const tables = schema.filter(({ type }) => type === 'table').map(({ name }) => [name, database.prepare(`SELECT * FROM ${name}`).all()])
  return [schema, tables, database.prepare('PRAGMA user_version').get(), database.prepare('PRAGMA integrity_check').get()]
}

function opened<T>(path: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path)
  try {
    return work(database)
  } finally {
    database.close()
  }
}

it.each([1, 2, 3])(
  'a process killed at any statement of the step to version %i leaves what was there, and the next start goes on',
  async (version) => {
    const before = STEPS.slice(0, version - 1)
    const step = statementsOf(STEPS[version - 1] as string)
    const start = join(folder, `before-${version}.db`)
    const was = opened(start, (database) => {
      if (version > 1) {
        migrate(database, [FIRST])
        fill(database)
      }
      migrate(database, before)
      return contents(database)
    })
    const uncut = join(folder, `uncut-${version}.db`)
    copyFileSync(start, uncut)
    const whole = opened(uncut, (database) => {
      migrate(database, STEPS)
      return contents(database)
    })
    expect(step.length).toBeGreaterThan(5)
    for (let done = 0; done <= step.length; done += 1) {
      const path = join(folder, `killed-${version}-${done}.db`)
      copyFileSync(start, path)
      const cut = [...step.slice(0, done), 'SELECT die()', ...step.slice(done)].join(';\n')
      const signal = await new Promise((resolve) => {
        execFile(process.execPath, ['--conditions=@waymark/source', SCRIPT, path, JSON.stringify([...before, cut])], (error) => resolve(error?.signal))
      })
      expect(signal).toBe('SIGKILL')
      expect(existsSync(`${path}-wal`)).toBe(true)
      opened(path, (database) => {
        expect(contents(database)).toEqual(was)
        migrate(database, STEPS)
        expect(contents(database)).toEqual(whole)
      })
    }
  },
  60_000,
)
