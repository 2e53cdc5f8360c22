import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createHost, type Served, serve, silentLogger } from '@waymark/host'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** Every way in which what comes in can be wrong, over HTTP, and what `waymark quarantine` then says of it. */

const folder = mkdtempSync(join(tmpdir(), 'waymark-bad-input-'))
const file = join(folder, 'host.db')
const root = join(import.meta.dirname, '../..')
let served: Served

beforeAll(async () => {
  process.env['WAYMARK_TEST_DB'] = file
  const { default: config } = await import('./waymark.config.ts')
  served = await serve(await createHost(config, { logger: silentLogger }), { port: 0 })
})
afterAll(async () => {
  await served.close()
  rmSync(folder, { recursive: true, force: true })
})

async function post(path: string, body: unknown, authorization = `Basic ${btoa('key:')}`): Promise<{ status: number; answer: Record<string, unknown> }> {
  const response = await fetch(`${served.url}${path}`, {
    method: 'POST',
    headers: { authorization },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> }
}
const used = (more: object) => ({ type: 'track', event: 'used', userId: 'u', messageId: crypto.randomUUID(), properties: { feature: 'A' }, ...more })

it('answers what cannot be read with a clear 4xx', async () => {
  expect(await post('/v1/track', '{"type":')).toMatchObject({ status: 400, answer: { success: false, message: expect.stringMatching(/JSON/) } })
  expect(await post('/v1/track', used({ properties: { feature: 'x'.repeat(40_000) } }))).toMatchObject({ status: 400, answer: { success: false } })
  expect(await post('/v1/batch', { batch: Array.from({ length: 40 }, () => used({ properties: { feature: 'x'.repeat(20_000) } })) })).toMatchObject({
    status: 400,
  })
  expect(await post('/v1/track', used({ userId: undefined }))).toMatchObject({ status: 400, answer: { message: expect.stringMatching(/userId|anonymousId/) } })
  expect(await post('/v1/track', used({}), `Basic ${btoa('wrong:')}`)).toMatchObject({ status: 401 })
  expect(await post('/nowhere', {})).toMatchObject({ status: 404 })
})

it('quarantines what does not fit the plan, keeps the rest, and the command lists it with the reasons', async () => {
  const { status, answer } = await post('/v1/batch', {
    batch: [
      used({ messageId: 'good' }),
      used({ event: 'usd' }),
      used({ properties: { feature: 7 } }),
      { ...used({}), userId: undefined },
      'nonsense',
      used({ userId: 'null' }),
    ],
  })
  expect(status).toBe(200)
  expect((answer['rejected'] as { index: number }[]).map(({ index }) => index)).toEqual([1, 2, 3, 4, 5])

  const command = [
    '--conditions=@waymark/source',
    join(root, 'packages/cli/src/bin.ts'),
    'quarantine',
    '--json',
    '--config',
    join(import.meta.dirname, 'waymark.config.ts'),
  ]
  const { stdout } = await promisify(execFile)(process.execPath, command, { env: { ...process.env, WAYMARK_TEST_DB: file } })
  const reasons = (JSON.parse(stdout) as { quarantined: { reason: string }[] }).quarantined.map(({ reason }) => reason)
  expect(reasons.slice(0, 5).reverse()).toEqual([
    expect.stringMatching(/usd.*did you mean 'used'/i),
    expect.stringMatching(/used\.properties\.feature: .*expected string/),
    expect.stringMatching(/no userId and no anonymousId/),
    expect.stringMatching(/object/),
    expect.stringMatching(/^userId: "null" stands for nobody/),
  ])
})

it('goes on serving', async () => {
  expect(await post('/v1/track', used({}))).toEqual({ status: 200, answer: { success: true } })
  expect((await fetch(`${served.url}/readyz`)).status).toBe(200)
})
