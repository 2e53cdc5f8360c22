import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type PostgresServer, startPostgresIfPossible } from '@waymark/testkit/postgres'
import { afterAll, expect, it } from 'vitest'
import { postgres } from '../src/index.ts'

const running = await startPostgresIfPossible()
afterAll(() => running?.close())

/** Runs until it has told of its first transaction and `wait` milliseconds more, and is killed then. The last it told of comes back. */
async function killedAfter(wait: number, ...values: string[]): Promise<number> {
  const script = fileURLToPath(new URL('killed-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@waymark/source', script, ...values], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = 0
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code, signal) => (signal === 'SIGKILL' ? resolve() : reject(new Error(`the process ended by itself with ${code}`))))
    child.stdout.on('data', (chunk: Buffer) => {
      const isFirst = told === 0
      told = Number(chunk.toString().trim().split('\n').at(-1))
      if (isFirst) setTimeout(() => child.kill('SIGKILL'), wait)
    })
  })
  return told
}

it.skipIf(running === undefined)('a killed process leaves whole transactions, and every one it told of, and the next one may write at once', async () => {
  const { url } = running as PostgresServer
  for (const wait of [0, 7, 23]) {
    const told = await killedAfter(wait, url(), 'killed')
    const store = postgres({ connectionString: url(), schema: 'killed' })
    await store.open()
    const rounds = Number(await store.cursor('round'))
    expect(rounds).toBeGreaterThanOrEqual(told)
    const log = await store.log(0, 1_000_000)
    const perProfile = [...Map.groupBy(log, ({ profile }) => profile).values()]
    expect(new Set([...Map.groupBy(log, ({ commit }) => commit).values()].map((commit) => commit.length))).toEqual(new Set([10]))
    expect(new Set(perProfile.map((entries) => entries.length % 10))).toEqual(new Set([0]))
    expect((await store.profilesOf([`user:u${rounds}`, `user:u${rounds + 1}`])).has(`user:u${rounds}`)).toBe(true)
    await store.close()
  }
})
