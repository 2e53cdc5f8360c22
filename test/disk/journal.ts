import { readFileSync } from 'node:fs'

/** What a process did to its disk, in order. */
export type DiskRecord =
  | { readonly kind: 'write'; readonly file: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'sync'; readonly file: string }
  | { readonly kind: 'removal'; readonly file: string }
  | { readonly kind: 'truncate'; readonly file: string; readonly length: number }

/** Reads what disk.c has written; a last record that is not whole is left out. */
export function readJournal(path: string): readonly DiskRecord[] {
  const bytes = readFileSync(path)
  const records: DiskRecord[] = []
  for (let at = 0; at + HEAD <= bytes.length; ) {
    const name = bytes.readUInt8(at + 1)
    const offset = Number(bytes.readBigUInt64LE(at + 2))
    const length = bytes.readUInt32LE(at + 10)
    const end = at + HEAD + name + length
    if (end > bytes.length) break
    const file = bytes.toString('utf8', at + HEAD, at + HEAD + name)
    const kind = bytes.readUInt8(at)
    if (kind === 1) records.push({ kind: 'write', file, offset, data: bytes.subarray(at + HEAD + name, end) })
    else if (kind === 2) records.push({ kind: 'sync', file })
    else if (kind === 4) records.push({ kind: 'removal', file })
    else records.push({ kind: 'truncate', file, length: offset })
    at = end
  }
  return records
}

const HEAD = 14
