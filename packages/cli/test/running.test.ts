import type { ChildProcess } from 'node:child_process'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Collected, collect, ended, FIXTURES, type Folder, scratchFolder, start, waymark } from './run.ts'

const scratch = scratchFolder()
afterAll(() => scratch.remove())

async function post(url: string, event: object): Promise<unknown> {
  const response = await fetch(`${url}/event`, { method: 'POST', body: JSON.stringify(event) })
  return response.json()
}

describe('waymark serve, explain and quarantine', () => {
  const env = { WAYMARK_TEST_DB: join(scratch.path, 'waymark.db') }
  let child: ChildProcess
  let output: Collected
  let url: string
  beforeAll(async () => {
    child = start(['serve', '--port', '0', '--json'], { env })
    output = collect(child)
    await output.until(/"url".*\n/)
    url = JSON.parse(output.stdout()).url
    await post(url, { event: 'signed_up', userId: 'ada', properties: { plan: 'free' } })
    for (let times = 0; times < 2; times += 1) await post(url, { event: 'feature_used', userId: 'ada', properties: { feature: 'A' } })
    await post(url, { event: 'onboarding_skipped', userId: 'ada' })
    await post(url, { event: 'feature_usd', userId: 'ada' })
  })
  afterAll(() => child.kill('SIGKILL'))

  it('serve prints one document on stdout and structured logs on stderr', async () => {
    expect(JSON.parse(output.stdout())).toEqual({ url, port: Number(new URL(url).port), config: join(FIXTURES, 'waymark.config.ts') })
    for (const line of output.stderr().trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), message: expect.any(String) })
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })

  it('explain tells a person where a user stands while the host runs', async () => {
    const { status, stdout } = await waymark(['explain', 'ada'], { env })
    expect(status).toBe(0)
    expect(stdout).toMatch(/^ada {2}as of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/m)
    expect(stdout).toMatch(/engagement: not settled yet/)
    const lines = stdout.replaceAll(/\s*\n\s+/g, ' | ')
    expect(lines).toMatch(/not settled {2}did feature_used [^;]*; now 1 \| missing: 2 more .* \| time alone may change it \S+ \(in 4[78] hours\)/)
    expect(stdout).toMatch(/advanced-tip: true {2}since /)
    expect(lines).toMatch(/come-back: false \| false {2}inactive for 24h \| missing: 24h without activity \| time alone may change it \S+ \(in 2[34] hours\)/)
    expect(stdout).toMatch(/core-benefits +held back by the frequency cap, tried again /)
    expect(stdout).toMatch(/advanced-tip +sent note line "Go further with A"/)
  })

  it('explain --json gives the explanation, --rule narrows it', async () => {
    const { stdout } = await waymark(['explain', 'ada', '--rule', 'core-benefits', '--json'], { env })
    const explanation = JSON.parse(stdout)
    expect(explanation).toMatchObject({
      user: 'ada',
      profile: { id: 'ada' },
      rules: [{ rule: 'core-benefits', truth: 2 }],
      ledger: [{ guard: 'frequency-cap' }],
    })
    // The rule asks for none.
    expect(explanation.segments).toEqual([])
  })

  it('explain ends with 3 for a user, a moment or a rule that is not known', async () => {
    const [user, moment, rule] = await Promise.all([
      waymark(['explain', 'zoe'], { env }),
      waymark(['explain', 'ada', '--at', '2020-01-01'], { env }),
      waymark(['explain', 'ada', '--rule', 'tip', '--json'], { env }),
    ])
    expect([user.status, moment.status, rule.status]).toEqual([3, 3, 3])
    expect(user.stderr).toContain("nothing is known of 'zoe'")
    expect(moment.stderr).toContain("nothing is known of 'ada' at 2020-01-01T00:00:00+00:00 or before")
    expect(JSON.parse(rule.stdout)).toMatchObject({ error: { code: 'NOT_FOUND', mend: 'its rules are advanced-tip, core-benefits, come-back' } })
  })

  it('quarantine lists what was not accepted and why', async () => {
    const [people, program] = await Promise.all([waymark(['quarantine'], { env }), waymark(['quarantine', '--json', '--limit', '1'], { env })])
    expect(people.stdout).toMatch(/test {2}feature_usd: the plan has no such event.*\n {2}\{"type":"track"/)
    expect(people.stdout).toContain('1 event in quarantine')
    expect(JSON.parse(program.stdout)).toMatchObject({ quarantined: [{ source: 'test', event: { event: 'feature_usd', userId: 'ada' } }] })
  })

  it('says which port is taken', async () => {
    const port = new URL(url).port
    const { status, stderr } = await waymark(['serve', '--port', port], { env: { WAYMARK_TEST_DB: ':memory:' } })
    expect(status).toBe(1)
    expect(stderr).toContain(`port ${port} on 127.0.0.1 is taken`)
  })

  it('a plugin that does not start ends it with 1 and its own words', async () => {
    const config = scratch.write(
      'late.config.ts',
      "import good from '../waymark.config.ts'\nexport default { ...good, plugins: [...good.plugins, { name: 'late', purpose: 'essential', start() { throw new Error('the mail server refuses the password') } }] }\n",
    )
    const { status, stderr } = await waymark(['serve', '--port', '0', '--config', config], { env: { WAYMARK_TEST_DB: ':memory:' } })
    expect(status).toBe(1)
    expect(stderr).toContain('the mail server refuses the password')
  })

  it('SIGTERM closes the host and ends with 0; what was accepted is there afterwards', async () => {
    const over = ended(child)
    child.kill('SIGTERM')
    expect(await over).toBe(0)
    expect(output.stderr()).toContain('"stopped"')
    const { stdout } = await waymark(['explain', 'ada', '--json'], { env })
    expect(JSON.parse(stdout).profile.sessions).toBe(1)
  })
})

describe('waymark dev', () => {
  let folder: Folder
  let child: ChildProcess
  beforeAll(() => {
    folder = scratchFolder()
    for (const file of ['waymark.config.ts', 'plan.ts', 'channel.ts']) copyFileSync(join(FIXTURES, file), join(folder.path, file))
  })
  afterEach(() => child.kill('SIGKILL'))
  afterAll(() => rmSync(folder.path, { recursive: true, force: true }))

  it('shows what runs and each decision, starts again on a change, and outlives a config that is wrong', async () => {
    child = start(['dev', '--port', '0'], { cwd: folder.path, env: { WAYMARK_TEST_DB: ':memory:' } })
    let output = collect(child)
    const url = (await output.until(/waymark dev {2}(http:\/\/\S+)[\s\S]+come-back -> note line/))[1] ?? ''
    expect(output.stderr()).toMatch(/plugins +note \(routes, channel\)/)
    expect(output.stderr()).toMatch(/segments +engagement \(engaged, at-risk\)/)
    await post(url, { event: 'onboarding_skipped', userId: 'ada' })
    await output.until(/\d\d:\d\d:\d\d {2}core-benefits for ada {2}sends note line "What it is for" {2}because did onboarding_skipped/)

    // What the config imports counts as well as the config itself; the address stays.
    const plan = "import { definePlan } from '@waymark/core'\nimport { z } from 'zod'\n"
    output = collect(child)
    folder.write('plan.ts', `${plan}export const plan = {{\n`)
    await output.until(/plan\.ts changed: starting again[\s\S]+at {5}plan\.ts:3:\d+[\s\S]+waiting for a change to try again/)
    output = collect(child)
    copyFileSync(join(FIXTURES, 'plan.ts'), join(folder.path, 'plan.ts'))
    await output.until(/plan\.ts changed: starting again[\s\S]+come-back -> note line/)
    expect(output.stderr()).toContain(url)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)

    const over = ended(child)
    child.kill('SIGINT')
    expect(await over).toBe(0)
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })
})
