import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { serving, storedIn } from './served.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-full-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** No file of the process may grow beyond so many bytes, as if the disk were full. */
function limitFiles(pid: number | undefined, bytes: number | 'unlimited'): boolean {
  return spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]).status === 0
}

it.skipIf(spawnSync('prlimit', ['--version']).status !== 0)(
  'a disk that fills up under a host: 503 at once, and it heals by itself',
  async () => {
    const database = join(folder, 'full.db')
    const host = await serving(database)
    const acknowledged: string[] = []
    let sent = 0
    const send = async (): Promise<number> => {
      const messageId = `m${(sent += 1)}`
      const response = await fetch(`${host.url}/v1/t`, {
        method: 'POST',
        body: JSON.stringify({ writeKey: 'key', event: 'did_it', userId: 'u', messageId, properties: { n: sent } }),
      })
      await response.arrayBuffer()
      if (response.status === 200) acknowledged.push(messageId)
      return response.status
    }
    const ready = async (): Promise<{ readonly status: number; readonly state: unknown }> => {
      const response = await fetch(`${host.url}/readyz`)
      return { status: response.status, state: ((await response.json()) as { state: unknown }).state }
    }
    for (let count = 0; count < 20; count += 1) expect(await send()).toBe(200)
    expect(await ready()).toEqual({ status: 200, state: 'ready' })

    expect(limitFiles(host.child.pid, statSync(`${database}-wal`).size)).toBe(true)
    const start = performance.now()
    expect(await send()).toBe(503)
    const refusedAfter = performance.now() - start
    expect(await ready()).toEqual({ status: 503, state: 'cannot-store' })
    expect((await fetch(`${host.url}/healthz`)).status).toBe(200)
    expect(refusedAfter).toBeLessThan(1_000)

    // Nobody sends any more: the host finds out by itself.
    expect(limitFiles(host.child.pid, 'unlimited')).toBe(true)
    const again = performance.now()
    while ((await ready()).status !== 200) {
      expect(performance.now() - again).toBeLessThan(5_000)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    for (let count = 0; count < 20; count += 1) expect(await send()).toBe(200)
    expect((await host.end('SIGTERM')).code).toBe(0)
    expect([...(await storedIn(database)).keys()].sort()).toEqual(acknowledged.sort())
    expect(host.logs().map(({ message }) => message)).toEqual(
      expect.arrayContaining(['a commit could not be stored; the host is not ready until one can', 'the store can write again']),
    )
  },
  60_000,
)
