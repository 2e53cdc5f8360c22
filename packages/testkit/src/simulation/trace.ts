import { createHash } from 'node:crypto'

/** What happened in a world, one line each, to read and to compare. */
export interface Trace {
  note(what: string): void
  readonly lines: readonly string[]
  /** The same for two worlds in which the same happened. */
  hash(): string
}

/** Each line begins with the true time since `start`, in seconds. */
export function createTrace(start: number, now: () => number): Trace {
  const lines: string[] = []
  return {
    note(what) {
      lines.push(`${((now() - start) / 1_000).toFixed(3)} ${what}`)
    },
    lines,
    hash: () => createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16),
  }
}
