import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { collect, ended, scratchFolder, start, waymark } from './run.ts'

const scratch = scratchFolder()
afterAll(() => scratch.remove())
const env = { WAYMARK_TEST_DB: join(scratch.path, 'waymark.db') }
const config = scratch.write(
  'waymark.config.ts',
  `import { defineWaymark } from '@waymark/core'
import base from '../waymark.config.ts'

const crm = { name: 'crm', purpose: 'essential', eraser: { erase: async () => ({ status: 'confirmed' }) } } as const
export default defineWaymark({ ...base, plugins: [...(base.plugins ?? []), crm] })
`,
)

/** A host that takes in what it is posted, and is stopped again. */
async function hosting(work: (url: string) => Promise<unknown>): Promise<void> {
  const child = start(['serve', '--port', '0', '--json', '-c', config], { env })
  const output = collect(child)
  const over = ended(child)
  await output.until(/"url".*\n/)
  await work((JSON.parse(output.stdout()) as { url: string }).url)
  child.kill('SIGTERM')
  await over
}

async function receipts(...args: readonly string[]) {
  return (JSON.parse((await waymark(['privacy', 'receipts', ...args, '-c', config, '--json'], { env })).stdout) as { erasures: Record<string, unknown>[] })
    .erasures
}

it('waymark privacy erase says what it does and what it does not, and receipts show what came of it', async () => {
  await hosting(async (url) => {
    await fetch(`${url}/event`, { method: 'POST', body: JSON.stringify({ event: 'onboarding_skipped', userId: 'ada', anonymousId: 'web-1' }) })
    expect(await waymark(['privacy', 'erase', 'ada', '-c', config], { env })).toMatchObject({ status: 1, stderr: expect.stringContaining('host.erase(user)') })
  })
  const { status, stdout } = await waymark(['privacy', 'erase', 'web-1', '-c', config], { env })
  expect(status).toBe(0)
  expect(stdout).toMatch(/^web-1 is taken in no more; 1 plugin to forget them, from when the host starts\n {2}ada {2}crm {2}waiting {2}asked /)
  expect(stdout).toContain('is not erased')
  expect(await receipts('ada')).toMatchObject([{ plugin: 'crm', state: 'waiting', subject: { profile: 'ada', userIds: ['ada'], anonymousIds: ['web-1'] } }])
  expect(await receipts('bob')).toEqual([])
  await hosting(async (url) => {
    const deadline = Date.now() + 10_000
    while ((await receipts('ada'))[0]?.['state'] !== 'confirmed' && Date.now() < deadline);
    const answer = await fetch(`${url}/event`, { method: 'POST', body: JSON.stringify({ event: 'onboarding_skipped', userId: 'ada' }) })
    expect(await answer.text()).toContain('the user was erased')
  })
  const [receipt] = await receipts('web-1')
  expect(receipt).toMatchObject({ state: 'confirmed', attempts: 1 })
  expect(JSON.stringify(receipt)).not.toMatch(/ada|web-1/)
  expect((await waymark(['privacy', 'receipts', '-c', config], { env })).stdout).toMatch(/^ {2}#[0-9a-f]{12} {2}crm {2}confirmed {2}asked /)
  expect(JSON.parse((await waymark(['privacy', 'erase', 'ghost', '-c', config, '--json'], { env })).stdout)).toMatchObject({ user: 'ghost', erasedHere: false })
})
