import { readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Where this process puts what does not fit into memory; DuckDB makes it when it needs it and empties it. */
export function spillFolder(folder: string): string {
  return join(resolve(folder), 'tmp', String(process.pid))
}

/** Removes what processes left behind that were ended in the middle of a query. */
export function removeDeadSpills(folder: string): void {
  const all = join(resolve(folder), 'tmp')
  for (const name of namesIn(all)) {
    if (!isRunning(Number(name))) rmSync(join(all, name), { recursive: true, force: true })
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
