import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { linesOf } from './event-lines.ts'

/** In pieces of so many bytes, as a slow pipe brings them. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function read(bytes: Buffer, size: number): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(pieces(bytes, size), 'events.ndjson')) lines.push(line)
  return lines
}

const TEXT = '{"to":"Zoë"}\n\n{"to":"日本"}\n{"to":"🙂"}'

it.each([1, 2, 3, 7, 1_000])('splits lines and letters that come in pieces of %i bytes', async (size) => {
  expect(await read(Buffer.from(TEXT), size)).toEqual(TEXT.split('\n'))
})

it.each([1, 2, 5, 1_000])('unpacks gzip in pieces of %i bytes, whatever the name of the file', async (size) => {
  expect(await read(gzipSync(TEXT), size)).toEqual(TEXT.split('\n'))
})

it('is empty for an empty file, and leaves out a byte order mark', async () => {
  expect(await read(Buffer.alloc(0), 10)).toEqual([])
  expect(await read(Buffer.from('\ufeff{}\n'), 10)).toEqual(['{}'])
})

it.each([
  ['cut off', (packed: Buffer) => packed.subarray(0, -12)],
  ['damaged', (packed: Buffer) => Buffer.concat([packed.subarray(0, 12), Buffer.alloc(40, 0xff)])],
])('names an archive that is %s', async (_, spoil) => {
  await expect(read(spoil(gzipSync(TEXT)), 8)).rejects.toMatchObject({ code: 'FILE_BROKEN', place: 'events.ndjson' })
})
