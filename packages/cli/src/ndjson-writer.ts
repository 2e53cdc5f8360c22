import { closeSync, openSync, writeSync } from 'node:fs'
import { WaymarkError } from '@waymark/core'

export interface NdjsonWriter {
  write(value: unknown): void
  close(): void
}

const FLUSH_AT = 256 * 1024

/** Writes one JSON object a line, replacing the file. Synchronous, so that what is written never piles up in memory. */
export function writeNdjson(file: string): NdjsonWriter {
  const descriptor = open(file)
  let buffer = ''
  const flush = (): void => {
    const bytes = Buffer.from(buffer)
    for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from)
    buffer = ''
  }
  return {
    write(value) {
      buffer += `${JSON.stringify(value)}\n`
      if (buffer.length >= FLUSH_AT) flush()
    },
    close() {
      flush()
      closeSync(descriptor)
    },
  }
}

function open(file: string): number {
  try {
    return openSync(file, 'w')
  } catch (error) {
    throw new WaymarkError('USAGE', `${file} cannot be written: ${(error as Error).message}`, { mend: 'name a file in a folder that exists', cause: error })
  }
}
