import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { vendorChaos } from './vendor-chaos.ts'

const KILLS = 20
const folder = mkdtempSync(join(tmpdir(), 'waymark-kill-vendor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it(`takes each event of a source once, tells once what it found out and has everybody forgotten, through ${KILLS} kills`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const report = await vendorChaos({ folder, kills: KILLS, seed })
  console.log(JSON.stringify({ seed, ...report }))
  expect(report).toMatchObject({ ahead: [], doubled: [], afterErasure: [], lost: [], toldTwice: [], invented: [], remembered: [] })
  expect(report.pages).toBeGreaterThan(KILLS * 5)
  expect(report.killedErasing).toBeGreaterThan(KILLS / 4)
}, 200_000)
