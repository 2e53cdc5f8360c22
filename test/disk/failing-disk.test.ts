import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { buildShim } from './shim.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-disk-'))
const shim = buildShim(folder)
const fault = join(folder, 'fault')
let host: ChildProcess | undefined
afterEach(async () => {
  if (host?.exitCode !== null || host.signalCode !== null) return
  const exited = once(host, 'exit')
  host.kill('SIGKILL')
  await exited
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
if (shim === undefined) console.log('Skipped: a failing disk needs Linux and a C compiler (apt-get install gcc).')

/** A host on a disk of its own, and what was acknowledged there. */
async function start(name: string) {
  const watched = join(folder, name)
  mkdirSync(watched)
  const file = join(watched, 'host.db')
  host = spawn(process.execPath, ['--conditions=@waymark/source', join(import.meta.dirname, 'host-process.ts'), file], {
    env: { ...process.env, LD_PRELOAD: shim, WAYMARK_DISK_FOLDER: watched, WAYMARK_DISK_FAULT: fault },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = await once(createInterface({ input: host.stdout as NodeJS.ReadableStream }), 'line')
  const url = `http://127.0.0.1:${port}`
  const acknowledged: string[] = []
  let next = 0
  return {
    file,
    acknowledged,
    async send(): Promise<Response> {
      next += 1
      const event = { event: 'did_it', messageId: `m${next}`, userId: `u${next % 3}`, properties: { n: next, filler: 'x'.repeat(8_000) } }
      const response = await fetch(`${url}/v1/track`, { method: 'POST', body: JSON.stringify({ ...event, writeKey: 'k' }) })
      if (response.ok) acknowledged.push(event.messageId)
      return response
    },
    ready: () => fetch(`${url}/readyz`),
  }
}

async function until<T>(milliseconds: number, ask: () => Promise<T | undefined>): Promise<{ readonly answer: T; readonly after: number }> {
  const from = performance.now()
  for (;;) {
    const answer = await ask()
    const after = performance.now() - from
    if (answer !== undefined) return { answer, after }
    if (after > milliseconds) throw new Error(`still not so after ${milliseconds} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function storedIn(file: string): Promise<readonly string[]> {
  const store = sqlite(file)
  await store.open()
  const ids: string[] = []
  for (let after = 0; ; ) {
    const entries = await store.log(after, 1_000)
    if (entries.length === 0) break
    for (const { seq, input } of entries) {
      if (input.kind === 'event') ids.push(input.event.messageId)
      after = seq
    }
  }
  await store.close()
  return ids
}

describe.skipIf(shim === undefined)('a disk that fails', () => {
  it('is answered with 503 and Retry-After while it is full, and the host takes events again by itself', async () => {
    const { file, acknowledged, send, ready } = await start('full')
    for (let count = 0; count < 20; count += 1) expect((await send()).status).toBe(200)

    writeFileSync(fault, 'full')
    const refused = await until(1_000, async () => {
      const response = await send()
      return response.ok ? undefined : response
    })
    expect(refused.answer.status).toBe(503)
    expect(Number(refused.answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.answer.json()).toMatchObject({ code: 'CANNOT_STORE' })
    const unready = await ready()
    expect(unready.status).toBe(503)
    expect(await unready.json()).toMatchObject({ ready: false, state: 'cannot-store', reason: expect.stringMatching(/full/) })
    for (let count = 0; count < 5; count += 1) expect((await send()).status).toBe(503)

    rmSync(fault)
    const healed = await until(5_000, async () => ((await ready()).ok ? true : undefined))
    console.log(`refused after ${Math.round(refused.after)} ms, ready again ${Math.round(healed.after)} ms after there was room`)
    for (let count = 0; count < 20; count += 1) expect((await send()).status).toBe(200)

    const exited = once(host as ChildProcess, 'exit')
    host?.kill('SIGKILL')
    await exited
    const stored = await storedIn(file)
    expect(acknowledged.filter((id) => !stored.includes(id))).toEqual([])
    expect(new Set(stored).size).toBe(stored.length)
  })

  it('that does not sync is not believed again until the host is started anew', async () => {
    const { file, acknowledged, send, ready } = await start('sync')
    for (let count = 0; count < 20; count += 1) expect((await send()).status).toBe(200)

    writeFileSync(fault, 'sync')
    expect((await send()).status).toBe(503)
    rmSync(fault)
    // The next sync would say that all is well.
    for (let count = 0; count < 5; count += 1) expect((await send()).status).toBe(503)
    expect(await (await ready()).json()).toMatchObject({ ready: false, reason: expect.stringMatching(/fsync.*before the host is started again/) })

    const exited = once(host as ChildProcess, 'exit')
    host?.kill('SIGKILL')
    await exited
    const stored = await storedIn(file)
    expect(acknowledged.filter((id) => !stored.includes(id))).toEqual([])
  })
})
