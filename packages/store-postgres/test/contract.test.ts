import { startPostgresIfPossible } from '@waymark/testkit/postgres'
import { describeStore } from '@waymark/testkit/store'
import { afterAll, describe } from 'vitest'
import { postgres } from '../src/index.ts'

const server = await startPostgresIfPossible({ settings: { fsync: 'off' } })
afterAll(() => server?.close())

let schemas = 0
describe.skipIf(server === undefined)('on a server', () => {
  describeStore('postgres', () => postgres({ connectionString: server?.url() ?? '', schema: `contract_${schemas++}` }))
})
