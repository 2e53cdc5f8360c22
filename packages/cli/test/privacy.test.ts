import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { collect, ended, scratchFolder, start, waymark } from './run.ts'

/** Each starts the command several times. In milliseconds. */
const LONG = 90_000

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
async function hosting(work: (url: string) => Promise<unknown>, by: string = config): Promise<void> {
  const child = start(['serve', '--port', '0', '--json', '-c', by], { env })
  const output = collect(child)
  const over = ended(child)
  await output.until(/"url".*\n/)
  try {
    await work((JSON.parse(output.stdout()) as { url: string }).url)
  } finally {
    child.kill('SIGTERM')
    await over
  }
}

async function receipts(...args: readonly string[]) {
  return (JSON.parse((await waymark(['privacy', 'receipts', ...args, '-c', config, '--json'], { env })).stdout) as { erasures: Record<string, unknown>[] })
    .erasures
}

it(
  'waymark privacy erase says what it does and what it does not, and receipts show what came of it',
  async () => {
    await hosting(async (url) => {
      await fetch(`${url}/event`, { method: 'POST', body: JSON.stringify({ event: 'onboarding_skipped', userId: 'ada', anonymousId: 'web-1' }) })
      expect(await waymark(['privacy', 'erase', 'ada', '-c', config], { env })).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('host.erase(user)'),
      })
    })
    const { status, stdout } = await waymark(['privacy', 'erase', 'web-1', '-c', config], { env })
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /^nothing of web-1 is taken in or given out from now on\n {2}(user ada|anonymous web-1), (user ada|anonymous web-1)\n\n1 plugin to be asked to forget them when the host starts\n {2}ada {2}crm {2}waiting {2}asked /,
    )
    expect(stdout).toContain('is not erased')
    expect(await receipts('ada')).toMatchObject([{ plugin: 'crm', state: 'waiting', subject: { profile: 'ada', userIds: ['ada'], anonymousIds: ['web-1'] } }])
    expect(await receipts('bob')).toEqual([])
    await hosting(async (url) => {
      const deadline = Date.now() + 30_000
      while ((await receipts('ada'))[0]?.['state'] !== 'confirmed' && Date.now() < deadline);
      const answer = await fetch(`${url}/event`, { method: 'POST', body: JSON.stringify({ event: 'onboarding_skipped', userId: 'ada' }) })
      expect(await answer.text()).toContain('the user was erased')
    })
    const [receipt] = await receipts('web-1')
    expect(receipt).toMatchObject({ state: 'confirmed', attempts: 1 })
    expect(JSON.stringify(receipt)).not.toMatch(/ada|web-1/)
    expect((await waymark(['privacy', 'receipts', '-c', config], { env })).stdout).toMatch(/^ {2}#[0-9a-f]{12} {2}crm {2}confirmed {2}asked /)
    // What is done is not asked for again.
    expect((await waymark(['privacy', 'erase', 'ada', '-c', config], { env })).stdout).toMatch(
      /\n0 plugins to be asked .*\n {2}#[0-9a-f]{12} {2}crm {2}confirmed /,
    )
  },
  LONG,
)

it(
  'waymark privacy erase says of a name nothing is known of that this is so, and where nobody else is asked',
  async () => {
    await hosting(async (url) => {
      await fetch(`${url}/event`, { method: 'POST', body: JSON.stringify({ event: 'onboarding_skipped', userId: 'bob' }) })
    })
    const mistyped = await waymark(['privacy', 'erase', 'bobb', '-c', config], { env })
    expect([mistyped.status, mistyped.stdout]).toEqual([0, expect.stringContaining('nothing is known of this id: check that it is the one you mean')])
    expect(JSON.parse((await waymark(['privacy', 'erase', 'ghost', '-c', config, '--json'], { env })).stdout)).toMatchObject({
      ...{ user: 'ghost', ids: [], erasedHere: false },
      erasures: [{ plugin: 'crm', state: 'waiting' }],
    })
    const alone = await waymark(['privacy', 'erase', 'bob'], { env })
    expect(alone.stdout).toMatch(
      /^nothing of bob is taken in or given out from now on\n {2}user bob\n\nno plugin of this config has an eraser: nobody else is asked\n/,
    )
    expect((await waymark(['privacy', 'receipts', 'bob'], { env })).stdout).toBe('no plugin was asked to forget bob\n')
  },
  LONG,
)

it(
  'waymark privacy receipts names a person in all their receipts as long as one plugin needs to know them',
  async () => {
    const two = scratch.write(
      'two.config.ts',
      `import { defineWaymark } from '@waymark/core'
import base from './waymark.config.ts'

const legacy = { name: 'legacy', purpose: 'essential', eraser: { erase: async () => ({ status: 'failed', reason: 'the token may not delete' }) } } as const
export default defineWaymark({ ...base, plugins: [...(base.plugins ?? []), legacy] })
`,
    )
    await waymark(['privacy', 'erase', 'eve', '-c', two], { env })
    await hosting(async () => {
      const deadline = Date.now() + 30_000
      while ((await receipts('eve')).some(({ state }) => state === 'waiting') && Date.now() < deadline);
    }, two)
    expect((await waymark(['privacy', 'receipts', 'eve', '-c', two], { env })).stdout).toMatch(
      /^ {2}eve {2}legacy {2}failed {5}asked \S+, failed \S+: the token may not delete\n {2}eve {2}crm {5}confirmed {2}asked /,
    )
    const doctor = await waymark(['doctor', '-c', two], { env })
    expect([doctor.status, doctor.stdout]).toEqual([2, expect.stringMatching(/fail {2}erasures {6}1 erasure failed\n/)])
  },
  LONG,
)
