import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, expect, it } from 'vitest'
import { dice } from '../dice.ts'
import { readJournal } from './journal.ts'
import { Platter } from './platter.ts'
import { buildShim } from './shim.ts'

const CUTS = 200
/** Enough for the write-ahead log to be brought into the database several times. */
const COMMITS = 1_500
const folder = mkdtempSync(join(tmpdir(), 'waymark-disk-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const shim = buildShim(folder)
if (shim === undefined) console.log('Skipped: the power cuts need Linux and a C compiler (apt-get install gcc).')

it.skipIf(shim === undefined)(
  `keeps what it said it had written through ${CUTS} power cuts with torn and lost writes`,
  async () => {
    const watched = join(folder, 'disk')
    const journal = join(folder, 'journal')
    mkdirSync(watched)
    const writer = spawnSync(process.execPath, ['--conditions=@waymark/source', join(import.meta.dirname, 'writer-process.ts'), watched, String(COMMITS)], {
      env: { ...process.env, LD_PRELOAD: shim, WAYMARK_DISK_FOLDER: watched, WAYMARK_DISK_JOURNAL: journal },
      encoding: 'utf8',
    })
    expect(writer.status, writer.stderr).toBe(0)
    const records = readJournal(journal)
    const firstCommit = records.findIndex(({ file }) => file === 'acknowledged')
    const seed = Math.floor(Math.random() * 2 ** 31)
    const random = dice(seed)
    const cuts = Array.from({ length: CUTS }, () => firstCommit + 1 + random(records.length - firstCommit - 1)).sort((a, b) => a - b)

    const platter = new Platter()
    let acknowledged = -1
    let taken = 0
    let inDoubt = 0
    let stored = 0
    const seen = { checkpointing: 0, unacknowledged: 0 }
    for (const [index, cut] of cuts.entries()) {
      for (; taken < cut; taken += 1) {
        const record = records[taken] as (typeof records)[number]
        if (record.file === 'acknowledged' && record.kind === 'write') acknowledged = Number(record.data.toString())
        else platter.take(record)
      }
      inDoubt += platter.unsynced
      const after = join(folder, `cut-${index}`)
      mkdirSync(after)
      for (const [name, content] of platter.cut(random)) if (!name.endsWith('-shm')) writeFileSync(join(after, name), content)
      const what = `seed ${seed}, cut ${index} after ${cut} of ${records.length} writes`

      const store = sqlite(join(after, 'store.db'))
      await store.open()
      const commit = Number(await store.cursor('commits'))
      // The one under way may be there: it was synced and not yet acknowledged.
      expect([acknowledged, acknowledged + 1], what).toContain(commit)
      if (commit > acknowledged) seen.unacknowledged += 1
      expect(await store.lastSeq(), what).toBe(10 * (commit + 1))
      const newest = (await store.log(10 * commit, 100)).map(({ input }) => (input.kind === 'event' ? input.event.messageId : ''))
      expect(newest, what).toEqual(Array.from({ length: 10 }, (_, position) => `${commit}-${position}`))
      await store.close()
      const database = new DatabaseSync(join(after, 'store.db'))
      expect(database.prepare('PRAGMA integrity_check').all(), what).toEqual([{ integrity_check: 'ok' }])
      expect(database.prepare('SELECT count(*) AS claims FROM claims').get(), what).toEqual({ claims: 10 * (commit + 1) })
      database.close()
      stored += commit + 1
      if (records[cut]?.file === 'store.db') seen.checkpointing += 1
      rmSync(after, { recursive: true, force: true })
    }
    console.log(JSON.stringify({ seed, cuts: CUTS, writes: records.length, writesInDoubtPerCut: Math.round(inDoubt / CUTS), commitsFound: stored, ...seen }))
    // Otherwise the cuts would say nothing.
    expect(inDoubt).toBeGreaterThan(CUTS)
    expect(seen.checkpointing).toBeGreaterThan(0)
  },
  180_000,
)
