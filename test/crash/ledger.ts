import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

/** A file of lines, each on the disk before `write` returns. */
export interface Ledger {
  write(lines: readonly string[]): void
  close(): void
}

export function openLedger(path: string): Ledger {
  const file = openSync(path, 'a')
  return {
    write(lines) {
      writeSync(file, lines.map((line) => `${line}\n`).join(''))
      fsyncSync(file)
    },
    close: () => closeSync(file),
  }
}

export function readLedger(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1)
}
