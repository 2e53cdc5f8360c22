import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { collect, ended, scratchFolder, start, waymark } from './run.ts'

const scratch = scratchFolder()
const env = { WAYMARK_TEST_DB: join(scratch.path, 'waymark.db') }
let stop = (): Promise<unknown> => Promise.resolve()

beforeAll(async () => {
  const child = start(['serve', '--port', '0', '--json'], { env })
  const output = collect(child)
  const over = ended(child)
  stop = () => {
    child.kill('SIGTERM')
    return over
  }
  await output.until(/"url".*\n/)
  const { url } = JSON.parse(output.stdout()) as { url: string }
  const post = (event: object) => fetch(`${url}/event`, { method: 'POST', body: JSON.stringify({ event: 'onboarding_skipped', ...event }) })
  await post({ anonymousId: 'web-1' })
  await post({ anonymousId: 'web-1', userId: 'ada', messageId: 'sign-in', source: 'web' })
  await post({ anonymousId: 'phone-1', userId: 'ada' })
  await post({ anonymousId: 'web-1', userId: 'bob' })
})
afterAll(async () => {
  await stop()
  scratch.remove()
})

it('waymark identity shows who is one user, takes one out and puts it back', async () => {
  const { status, stdout } = await waymark(['identity', 'web-1'], { env })
  expect(status).toBe(0)
  expect(stdout).toMatch(/^web-1 {2}\(profile ada\) {2}3 ids\n {2}anonymous {2}phone-1\n {2}anonymous {2}web-1\n {2}user {7}ada$/m)
  const lines = stdout.slice(stdout.indexOf('Journal, newest first\n')).trimEnd().split('\n').slice(1)
  const causes = lines.map((line) => /by event (\S+ of test)/.exec(line)?.[1])
  expect(lines.map((line) => line.trim().split(/ {2,}/).slice(1).join(' | '))).toEqual([
    `shared | anon:web-1 was used by bob too: it stays with 'ada', whose it was first | by event ${causes[0]}`,
    `linked | anon:phone-1 was ada's from its first event | ids anonymous phone-1 | by event ${causes[1]}`,
    'merged | anon:web-1 became part of ada | ids anonymous web-1 | by event sign-in of web',
  ])
  const page = JSON.parse((await waymark(['identity', 'ada', '--limit', '1', '--json'], { env })).stdout)
  expect(page).toMatchObject({
    user: 'ada',
    profile: 'ada',
    ids: ['anonymous:phone-1', 'anonymous:web-1', 'user:ada'],
    journal: [{ outcome: 'shared', into: 'bob' }],
  })
  const older = await waymark(['identity', 'ada', '--before', String(page.journal[0].id), '--json'], { env })
  expect(JSON.parse(older.stdout).journal).toMatchObject([{ outcome: 'linked' }, { outcome: 'merged', keys: ['anonymous:web-1'] }])

  // One process writes: with the host running nothing is changed.
  const running = await waymark(['identity', 'unmerge', 'ada', 'web-1', '--json'], { env })
  expect(running.status).toBe(1)
  expect(JSON.parse(running.stdout)).toMatchObject({ error: { code: 'HOST_RUNNING', mend: expect.stringMatching(/stop the host.*host\.unmerge/) } })
  await stop()

  const unmerged = await waymark(['identity', 'unmerge', 'ada', 'web-1'], { env })
  expect(unmerged).toMatchObject({ status: 0, stderr: '' })
  expect(unmerged.stdout).toBe(
    'anon:web-1 was taken out of ada  ids anonymous web-1  by hand\nthe two do not merge again by themselves; waymark identity merge ada anon:web-1 undoes it\n',
  )
  const [visitor, user] = await Promise.all([waymark(['identity', 'web-1', '--json'], { env }), waymark(['explain', 'ada', '--json'], { env })])
  expect(JSON.parse(visitor.stdout)).toMatchObject({ profile: 'anon:web-1', ids: ['anonymous:web-1'], journal: [{ outcome: 'unmerged', into: 'ada' }, {}, {}] })
  expect(JSON.parse(user.stdout).messages).toEqual([])

  const merged = await waymark(['identity', 'merge', 'ada', 'anon:web-1', '--json'], { env })
  expect(JSON.parse(merged.stdout)).toMatchObject({ outcome: 'merged', from: 'anon:web-1', into: 'ada', keys: ['anonymous:web-1'] })
}, 120_000)

it('waymark identity ends with 3 for who is not known, and makes no database', async () => {
  await stop()
  const database = join(scratch.path, 'nowhere.db')
  const [unknown, missing, notTheirs] = await Promise.all([
    waymark(['identity', 'zoe'], { env }),
    waymark(['identity', 'unmerge', 'ada', 'web-1'], { env: { WAYMARK_TEST_DB: database } }),
    waymark(['identity', 'unmerge', 'bob', 'tablet', '--json'], { env }),
  ])
  expect([unknown.status, missing.status, notTheirs.status]).toEqual([3, 3, 3])
  expect(unknown.stderr).toContain("nothing is known of 'zoe'")
  expect(missing.stderr).toContain('there is no database')
  expect(existsSync(database)).toBe(false)
  expect(JSON.parse(notTheirs.stdout)).toMatchObject({ error: { code: 'NOT_FOUND', message: "'tablet' is not an id of 'bob'", mend: 'it has no other id' } })
}, 60_000)
