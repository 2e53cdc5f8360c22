import { writeForEver } from '@waymark/testkit/store'
import { sqlite } from '../src/index.ts'

const store = sqlite(process.argv[2] as string)
await store.open()
await writeForEver(store, (round) => process.stdout.write(`${round}\n`))
