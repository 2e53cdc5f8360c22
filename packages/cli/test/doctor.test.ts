import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collect, scratchFolder, start, waymark } from './run.ts'

const scratch = scratchFolder()
afterAll(() => scratch.remove())

const unbroken = (text: string): string => text.replaceAll(/\s+/g, ' ')

describe('waymark doctor', () => {
  const env = { WAYMARK_TEST_DB: join(scratch.path, 'waymark.db') }
  let url: string
  let child: ReturnType<typeof start>
  beforeAll(async () => {
    child = start(['serve', '--port', '0', '--json'], { env })
    const output = collect(child)
    await output.until(/"url".*\n/)
    url = JSON.parse(output.stdout()).url
    await fetch(`${url}/event`, { method: 'POST', body: JSON.stringify({ event: 'feature_used', userId: 'ada', properties: { feature: 'A' } }) })
  })
  afterAll(() => child.kill('SIGKILL'))

  it('finds nothing beside a host that is well, and ends with 0', async () => {
    const { status, stdout, stderr } = await waymark(['doctor'], { env })
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^waymark doctor {2}waymark\.config\.ts\n\n {2}ok {4}config {8}1 segment, 3 rules, 1 plugin\n/)
    expect(unbroken(stdout)).toMatch(/ ok store sqlite at \S+: schema \d+, \S+ kB, sound; a host has it open /)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('all is well')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })

  it('--json gives the findings', async () => {
    const { status, stdout } = await waymark(['doctor', '--json'], { env })
    expect(status).toBe(0)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ status: 'ok', config: expect.stringMatching(/waymark\.config\.ts$/) })
    expect(report.findings).toContainEqual({ status: 'ok', area: 'outbox', says: 'note: no message waits' })
  })

  it('ends with 1 for what should be looked at', async () => {
    const { status, stdout } = await waymark(['doctor'], { env: { WAYMARK_TEST_DB: join(scratch.path, 'elsewhere.db') } })
    expect(status).toBe(1)
    expect(unbroken(stdout)).toMatch(/ warn store there is no database at \S+elsewhere\.db fix start the host once, /)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 warning')
  })

  it('ends with 2 for what fails, as a config that does not load does, and shows where', async () => {
    const config = scratch.write('broken.config.ts', "import { defineWaymark } from '@waymark/core'\nimport { lake } from '@waymark/adapter-lake'\n")
    const [people, program, missing] = await Promise.all([
      waymark(['doctor', '--config', config]),
      waymark(['doctor', '--config', config, '--json']),
      waymark(['doctor', '--config', 'nowhere.ts']),
    ])
    expect([people.status, program.status, missing.status]).toEqual([2, 2, 2])
    expect(people.stdout).toMatch(/fail {2}config {8}the package '@waymark\/adapter-lake' is not installed/)
    expect(people.stdout).toContain("> 2 | import { lake } from '@waymark/adapter-lake'")
    expect(people.stdout).toContain('fix  run: npm install @waymark/adapter-lake')
    expect(JSON.parse(program.stdout)).toMatchObject({ status: 'fail', findings: [{ status: 'fail', area: 'config' }] })
    expect(missing.stdout).toContain('nowhere.ts')
  })
})
