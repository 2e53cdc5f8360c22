import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, expect, it } from 'vitest'

const ROUNDS = 10
const folder = mkdtempSync(join(tmpdir(), 'waymark-kill-'))
const file = join(folder, 'host.db')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function start(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--conditions=@waymark/source', join(import.meta.dirname, 'host-process.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')
  const [port] = (await Promise.race([said, once(child, 'exit')])) as [unknown]
  if (child.exitCode !== null) throw new Error('the host did not start')
  return { child, url: `http://127.0.0.1:${port}` }
}

const batchOf = (first: number) =>
  Array.from({ length: 5 }, (_, index) => ({
    type: 'track',
    event: 'did_it',
    messageId: `m${first + index}`,
    userId: `u${(first + index) % 7}`,
    properties: { n: first + index },
  }))

it(`keeps every acknowledged event once through ${ROUNDS} kills in the middle of ingest`, async () => {
  const acknowledged = new Set<string>()
  let unsure: { messageId: string }[][] = []
  let next = 0

  async function send(url: string, batch: { messageId: string }[]): Promise<boolean> {
    try {
      const response = await fetch(`${url}/v1/batch`, { method: 'POST', body: JSON.stringify({ writeKey: 'k', batch }) })
      await response.arrayBuffer()
      if (!response.ok) return false
      for (const { messageId } of batch) acknowledged.add(messageId)
      return true
    } catch {
      return false
    }
  }

  for (let round = 0; round < ROUNDS; round += 1) {
    const { child, url } = await start()
    // What was not acknowledged before is sent again, as an SDK does; some of it was stored all the same.
    const again = unsure
    unsure = []
    for (const batch of again) if (!(await send(url, batch))) unsure.push(batch)
    const exited = once(child, 'exit')
    const before = acknowledged.size
    // The kill comes once the host has proven to be in the middle of work.
    const killer = setInterval(() => {
      if (acknowledged.size - before >= 100 + round * 37) child.kill('SIGKILL')
    }, 1)
    const workers = Array.from({ length: 8 }, async () => {
      while (child.signalCode === null && child.exitCode === null) {
        const batch = batchOf(next)
        next += batch.length
        if (!(await send(url, batch))) {
          unsure.push(batch)
          return
        }
      }
    })
    await Promise.all([...workers, exited])
    clearInterval(killer)
  }

  const { child, url } = await start()
  for (const batch of unsure) expect(await send(url, batch)).toBe(true)
  child.kill('SIGTERM')
  await once(child, 'exit')

  const store = sqlite(file)
  await store.open()
  const stored = new Map<string, number>()
  for (let after = 0; ; ) {
    const entries = await store.log(after, 1_000)
    if (entries.length === 0) break
    for (const { input } of entries) if (input.kind === 'event') stored.set(input.event.messageId, (stored.get(input.event.messageId) ?? 0) + 1)
    after = entries.at(-1)?.seq ?? after
  }
  await store.close()

  expect(
    [...acknowledged].filter((id) => !stored.has(id)),
    'acknowledged and lost',
  ).toEqual([])
  expect(
    [...stored].filter(([, times]) => times !== 1),
    'stored more than once',
  ).toEqual([])
  expect(acknowledged.size).toBeGreaterThan(ROUNDS * 100)
}, 120_000)
