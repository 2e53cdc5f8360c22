import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeStore } from '@waymark/testkit/store'
import { afterAll } from 'vitest'
import { sqlite } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
describeStore('sqlite in a file', () => sqlite(join(folder, `${files++}.db`)))
describeStore('sqlite in memory', () => sqlite(':memory:'), { isKept: false })
