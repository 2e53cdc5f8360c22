import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { openPromise } from 'yauzl'

/**
 * The lines of an export, which is a ZIP of gzipped files. A ZIP's list of contents is at its end, so it goes to a temporary file first: up to
 * 4 GB of disk and no more memory than a line. Rejects when the archive is cut off or is none, also midway.
 */
export async function* linesOf(archive: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncIterable<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-amplitude-'))
  try {
    const file = join(folder, 'export.zip')
    await pipeline(Readable.fromWeb(archive as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(file), { signal })
    const zip = await openPromise(file, { autoClose: false })
    try {
      for await (const entry of zip.eachEntry()) {
        if (!entry.fileName.endsWith('.gz')) continue
        const packed = await zip.openReadStreamPromise(entry)
        const text = createGunzip()
        const unpacking = pipeline(packed, text, { signal })
        // Waited for below; it must not count as unhandled while lines are still read.
        unpacking.catch(() => undefined)
        yield* createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })
        await unpacking
      }
    } finally {
      zip.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
