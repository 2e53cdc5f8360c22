import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from '../child.ts'

export interface Server {
  readonly url: string
  end(): void
}

/** See server-process.ts for the kinds. */
export async function startServer(kind: 'bare' | 'workload' | 'toggle'): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'))
  const child = startChild<number>(`${import.meta.dirname}/server-process.ts`, [kind, join(folder, 'host.db')])
  return {
    url: `http://127.0.0.1:${await child.ask('port')}`,
    end() {
      child.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
