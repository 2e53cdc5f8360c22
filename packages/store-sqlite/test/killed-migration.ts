import { DatabaseSync } from 'node:sqlite'
import { migrate } from '../src/schema/migrations.ts'

/** Brings a database to the newest version, and dies where one of the steps says `die()`. */
const [path = '', steps = '[]'] = process.argv.slice(2)
const database = new DatabaseSync(path)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
database.function('die', () => Number(process.kill(process.pid, 'SIGKILL')))
migrate(database, JSON.parse(steps) as readonly string[])
