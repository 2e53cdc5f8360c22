import type { DiskRecord } from './journal.ts'

/** What a drive takes in one go, in bytes: of a larger write some may arrive and some not. */
const SECTORS = [512, 4_096]

/**
 * A disk that may lose whatever was not synced. What is written to a file reaches the platter for certain with the next sync of the
 * file; at a power cut each write since then is there whole, in part or not at all, whatever its place in the order.
 */
export class Platter {
  private readonly files = new Map<string, { durable: Buffer; length: number; pending: DiskRecord[] }>()

  take(record: DiskRecord): void {
    // SQLite syncs the folder of what it removes.
    if (record.kind === 'removal') {
      this.files.delete(record.file)
      return
    }
    const file = this.fileOf(record.file)
    if (record.kind !== 'sync') file.pending.push(record)
    else {
      for (const one of file.pending) apply(file, one)
      file.pending = []
    }
  }

  /** How many writes would be in doubt at a cut now. */
  get unsynced(): number {
    return [...this.files.values()].reduce((sum, { pending }) => sum + pending.length, 0)
  }

  /** What each file holds after a cut now; `random` gives a whole number below its argument. */
  cut(random: (below: number) => number): ReadonlyMap<string, Buffer> {
    return new Map(
      [...this.files].map(([name, { durable, length, pending }]) => {
        const file = { durable: Buffer.from(durable.subarray(0, length)), length }
        for (const record of pending) tear(file, record, random)
        return [name, file.durable.subarray(0, file.length)]
      }),
    )
  }

  private fileOf(name: string) {
    const known = this.files.get(name)
    if (known !== undefined) return known
    const file = { durable: Buffer.alloc(0), length: 0, pending: [] }
    this.files.set(name, file)
    return file
  }
}

interface Content {
  durable: Buffer
  length: number
}

function apply(file: Content, record: DiskRecord): void {
  if (record.kind === 'truncate') file.length = record.length
  else if (record.kind === 'write') put(file, record.offset, record.data)
}

/** The whole write, none of it, or some of its sectors. */
function tear(file: Content, record: DiskRecord, random: (below: number) => number): void {
  const fate = random(3)
  if (fate === 0) return
  if (fate === 1 || record.kind !== 'write') {
    apply(file, record)
    return
  }
  const sector = SECTORS[random(SECTORS.length)] as number
  for (let from = 0; from < record.data.length; from += sector) {
    if (random(2) === 0) put(file, record.offset + from, record.data.subarray(from, from + sector))
  }
}

function put(file: Content, offset: number, data: Buffer): void {
  const end = offset + data.length
  if (end > file.durable.length) {
    const larger = Buffer.alloc(Math.max(end, 2 * file.durable.length))
    file.durable.copy(larger, 0, 0, file.length)
    file.durable = larger
  }
  // A file that was cut short and grows again is empty in between.
  if (offset > file.length) file.durable.fill(0, file.length, offset)
  data.copy(file.durable, offset)
  file.length = Math.max(file.length, end)
}
