import { open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Resolves once files and the folders that name them are on the disk, up to `root`; after that a loss of power takes none of them. */
export async function makeDurable(files: readonly string[], root: string): Promise<void> {
  const folders = new Set<string>()
  for (const file of files) {
    for (let folder = dirname(file); folder.length >= root.length; folder = dirname(folder)) folders.add(folder)
  }
  await Promise.all([...files, ...folders].map(sync))
}

/** A failed sync is never tried again on the same file: what the system had not written it may have forgotten. The caller writes anew. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
