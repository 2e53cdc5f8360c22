import { writeForEver } from '@waymark/testkit/store'
import { postgres } from '../src/index.ts'

const [connectionString = '', schema = ''] = process.argv.slice(2)
const store = postgres({ connectionString, schema })
await store.open()
await writeForEver(store, (round) => process.stdout.write(`${round}\n`))
