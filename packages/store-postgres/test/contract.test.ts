import { startPostgresIfPossible } from '@waymark/testkit/postgres'
import { describeStore } from '@waymark/testkit/store'
import { afterAll, it } from 'vitest'
import { postgres } from '../src/index.ts'

const server = await startPostgresIfPossible({ settings: { fsync: 'off' } })
afterAll(() => server?.close())

let schemas = 0
if (server === undefined) it.skip('keeps the contract of a store')
else describeStore('postgres', () => postgres({ connectionString: server.url(), schema: `contract_${schemas++}` }))
