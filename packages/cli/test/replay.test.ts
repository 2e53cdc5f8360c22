import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { collect, ended, FIXTURES, scratchFolder, start, waymark } from './run.ts'

const scratch = scratchFolder()
afterAll(() => scratch.remove())
const EVENTS = readFileSync(join(FIXTURES, 'events.ndjson'), 'utf8')

const SUMMARY = {
  events: 12,
  accepted: 8,
  duplicates: 1,
  refused: 0,
  quarantined: 3,
  profiles: 3,
  segments: { engagement: { engaged: 1, 'at-risk': 1 } },
  decisions: {
    'advanced-tip': { sent: 1, suppressed: {} },
    'core-benefits': { sent: 1, suppressed: { 'frequency-cap': 1 } },
    'come-back': { sent: 2, suppressed: { 'frequency-cap': 1 } },
  },
}

function rows(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

describe('waymark replay', () => {
  it('--json prints the summary and nothing else on stdout', async () => {
    const { status, stdout } = await waymark(['replay', 'events.ndjson', '--json'])
    expect(status).toBe(0)
    expect(stdout.trimEnd()).not.toContain('\n')
    expect(JSON.parse(stdout)).toEqual(SUMMARY)
  })

  it('reads stdin, and files packed with gzip', async () => {
    const packed = join(scratch.path, 'events.ndjson.gz')
    writeFileSync(packed, gzipSync(EVENTS))
    const [stdin, gzip] = await Promise.all([waymark(['replay', '-', '--json'], { stdin: EVENTS }), waymark(['replay', packed, '--json'])])
    expect(JSON.parse(stdin.stdout)).toEqual(SUMMARY)
    expect(JSON.parse(gzip.stdout)).toEqual(SUMMARY)
  })

  it('writes memberships, decisions and what was not accepted', async () => {
    const [memberships, decisions, quarantine] = ['m', 'd', 'q'].map((name) => join(scratch.path, name)) as [string, string, string]
    const { status } = await waymark(['replay', 'events.ndjson', '--memberships', memberships, '--decisions', decisions, '--quarantine', quarantine])
    expect(status).toBe(0)
    expect(rows(memberships)).toEqual([
      { profile: 'ada', segment: 'engagement', member: 'engaged', since: Date.parse('2026-08-01T10:08:00Z') },
      { profile: 'bob', segment: 'engagement', member: 'at-risk', since: Date.parse('2026-08-03T11:00:00Z') },
    ])
    expect(rows(decisions)).toHaveLength(6)
    expect(rows(decisions)[0]).toMatchObject({ profile: 'ada', rule: 'advanced-tip', outcome: 'sent', at: Date.parse('2026-08-01T10:06:00Z') })
    const lines = EVENTS.split('\n')
    const found = rows(quarantine) as { line: number; reason: string; raw: string }[]
    expect(found.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('signed_up.properties.plan'),
      expect.stringContaining("Did you mean 'feature_used'?"),
      expect.stringContaining('not JSON'),
    ])
    // Each with its line of the file, as it stands there.
    for (const { line, raw } of found) expect(raw).toBe(lines[line - 1])
    expect(found[2]?.line).toBe(11)
  })

  it('--until lets time go on after the last event', async () => {
    const { stdout } = await waymark(['replay', 'events.ndjson', '--json', '--until', '2026-08-05T11:30:00Z'])
    expect(JSON.parse(stdout).segments).toEqual({ engagement: { engaged: 1, 'at-risk': 2 } })
  })

  it('without --json it prints a table for people', async () => {
    const { stdout } = await waymark(['replay', 'events.ndjson'])
    expect(stdout).toMatch(/^12 events of 3 profiles in .* s, [\d,]+ events\/s$/m)
    expect(stdout).toMatch(/engagement {2}engaged {2}1 {2}33\.3%/)
    expect(stdout).toMatch(/come-back +2 sent {2}1 held back {2}1 by the frequency cap/)
  })

  it('touches no store and delivers nothing', async () => {
    const database = join(scratch.path, 'untouched.db')
    await waymark(['replay', 'events.ndjson'], { env: { WAYMARK_TEST_DB: database } })
    const { stdout, status } = await waymark(['quarantine', '--json'], { env: { WAYMARK_TEST_DB: database } })
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'STORE_MISSING', place: database } })
    expect(status).toBe(3)
  })

  it('a file that is not there, a folder, a damaged archive and a place that cannot be written are told apart', async () => {
    const cut = join(scratch.path, 'cut.gz')
    const noise = Array.from({ length: 500 }, (_, index) => `{"messageId":"${Math.sin(index)}"}`).join('\n')
    writeFileSync(cut, gzipSync(noise).subarray(0, 2_000))
    const [missing, folder, damaged, unwritable] = await Promise.all([
      waymark(['replay', 'nowhere.ndjson']),
      waymark(['replay', '.']),
      waymark(['replay', cut]),
      waymark(['replay', 'events.ndjson', '--memberships', '/no/such/folder/m']),
    ])
    expect([missing.status, folder.status, damaged.status, unwritable.status]).toEqual([3, 2, 1, 2])
    expect(missing.stderr).toContain('there is no file nowhere.ndjson')
    expect(folder.stderr).toContain('. is a folder')
    expect(damaged.stderr).toContain('cut off or damaged')
    expect(unwritable.stderr).toContain('/no/such/folder/m cannot be written')
  })

  it('ends with 130 when interrupted', async () => {
    const child = start(['replay', '-'])
    const output = collect(child)
    const line = `${EVENTS.split('\n')[0]}\n`
    // Standard input stays open: the replay waits for more.
    child.stdin?.write(line.repeat(10))
    await output.until(/reading standard input/)
    child.kill('SIGINT')
    expect(await ended(child)).toBe(130)
    expect(output.stderr()).toContain('interrupted')
  })

  it('names a command or option that is misspelt, and ends with 2', async () => {
    const [command, option, time, none] = await Promise.all([
      waymark(['repaly']),
      waymark(['replay', '-', '--membership', 'x']),
      waymark(['replay', '-', '--until', 'later', '--json']),
      waymark([]),
    ])
    expect([command.status, option.status, time.status, none.status]).toEqual([2, 2, 2, 2])
    expect(command.stderr).toContain('Did you mean replay?')
    expect(option.stderr).toContain('Did you mean --memberships?')
    expect(JSON.parse(time.stdout)).toMatchObject({ error: { code: 'USAGE' } })
    expect(none.stderr).toContain('Usage: waymark')
  })

  it('documents its exit codes', async () => {
    const { status, stdout } = await waymark(['replay', '--help'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/3 {4}not found/)
  })
})
