import { readdir, rm } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import type { CanonicalEvent, IdentityKey, LoadOutcome, Owners, Subject, WarehouseTable } from '@waymark/core'
import { WAREHOUSE_TABLES } from '@waymark/kit'
import { type Catalog, type LakeFile, openCatalog } from './catalog.ts'
import { planAll, planCompaction } from './compaction-plan.ts'
import type { Engine } from './engine.ts'
import { eraseFrom } from './erase.ts'
import { importFile } from './import.ts'
import { createLoader } from './load.ts'
import { takeLock } from './lock.ts'
import { createMaintenance } from './maintain.ts'
import type { Settings } from './options.ts'
import { createQueue } from './queue.ts'
import { removeDeadSpills } from './spill.ts'

/** The one who may change the lake. Loads go on while files are merged; an erasure waits for both and holds both up. */
export interface Writer {
  /** `owners` is asked when it is this batch's turn, after all changes of owners that were given before. */
  load(events: readonly CanonicalEvent[], owners: () => Promise<Owners>): Promise<readonly LoadOutcome[]>
  assign(owners: (catalog: Pick<Catalog, 'keysOf'>) => Promise<Owners> | Owners): Promise<void>
  /** Takes a file of events of a source of that name, where its events name none. */
  import(path: string, source: string): Promise<number>
  erase(subject: Subject): Promise<number>
  /** Merges whole days and has owners written into the files. */
  compact(signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Ids that changed hands, beyond which they are written into the files: until then every query looks them up. */
const MOST_CHANGED = 10_000

export async function openWriter(engine: Engine, settings: Settings): Promise<Writer> {
  const { folder, graceMs } = settings
  const lock = takeLock(folder)
  const catalog = openCatalog(folder, { readOnly: false })!
  removeDeadSpills(folder)
  await removeStrays(folder, catalog)
  const [loading, merging] = await Promise.all([engine.connect(), engine.connect()])
  let loader = await createLoader(loading, catalog, folder)
  const maintenance = createMaintenance(merging, catalog, folder)
  const loads = createQueue()
  const merges = createQueue()
  let isClosing = false
  let isTending = false

  /** After loads: what is worth merging by now. A failure is tried again with the next. */
  function tend(days: readonly string[]): void {
    if (isTending || isClosing || days.length === 0) return
    isTending = true
    const done = () => {
      isTending = false
    }
    merges(async () => {
      const files = TABLES.flatMap((table) => catalog.filesOf(table, days))
      await mergeAll(planCompaction(files))
      const [oldest] = catalog.files().toSorted((a, b) => a.owners - b.owners)
      if (oldest !== undefined && catalog.ownersAfter(oldest.owners).length > MOST_CHANGED) await maintenance.settle(catalog.files())
      await maintenance.bury(graceMs)
    }).then(done, done)
  }

  async function mergeAll(groups: readonly (readonly LakeFile[])[], signal?: AbortSignal): Promise<void> {
    for (const group of groups) {
      signal?.throwIfAborted()
      if (isClosing) return
      await maintenance.merge(group)
    }
  }

  return {
    load: (events, owners) =>
      loads(async () => {
        const { outcomes, days } = await loader.load(events, await owners())
        tend(days)
        return outcomes
      }),
    assign: (owners) => loads(async () => catalog.commit({ owners: changed(catalog, await owners(catalog)) })),
    import: (path, source) =>
      loads(async () => {
        const rows = await importFile(loading, catalog, folder, path, source)
        // What it knew of the days that were written is not all any more.
        loader = await createLoader(loading, catalog, folder)
        return rows
      }),
    erase: (subject) =>
      merges(() =>
        loads(async () => {
          const touched = await eraseFrom(merging, catalog, folder, subject)
          await maintenance.bury(0)
          await removeStrays(folder, catalog)
          return touched
        }),
      ),
    compact: (signal) =>
      merges(async () => {
        await mergeAll(planAll(catalog.files()), signal)
        await maintenance.settle(catalog.files())
        await maintenance.bury(graceMs)
      }),
    async close() {
      isClosing = true
      await merges(() => loads(async () => {}))
      loading.closeSync()
      merging.closeSync()
      catalog.close()
      lock.release()
    },
  }
}

const TABLES = Object.keys(WAREHOUSE_TABLES) as WarehouseTable[]

function changed(catalog: Catalog, owners: Owners): Owners {
  return new Map([...owners].filter(([key, profile]: [IdentityKey, string]) => profile !== catalog.ownerOf(key)))
}

/** What was written when a failure, or the end of a process, came before the commit: it is no part of the lake, and what it holds comes again. */
async function removeStrays(folder: string, catalog: Catalog): Promise<void> {
  const known = new Set([...catalog.files().map(({ path }) => path), ...catalog.retired(Number.MIN_SAFE_INTEGER)])
  for (const table of TABLES) {
    const names = await readdir(join(folder, table), { recursive: true }).catch(() => [])
    const strays = names.filter((name) => name.endsWith('.parquet') && !known.has(join(table, name).replaceAll(sep, '/')))
    await Promise.all(strays.map((name) => rm(join(resolve(folder), table, name), { force: true })))
  }
}
