import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { chaos } from './chaos.ts'

const KILLS = 50
const folder = mkdtempSync(join(tmpdir(), 'waymark-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it(`loses no acknowledged event and doubles nothing through ${KILLS} kills`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const report = await chaos({ folder, kills: KILLS, seed })
  console.log(JSON.stringify({ seed, ...report }))
  expect(report).toMatchObject({ kills: KILLS, lost: [], invented: [], missing: [], unasked: [], doubledPlain: 0 })
  expect(report.acknowledged).toBeGreaterThan(KILLS * 20)
}, 300_000)
