import { entry } from '@waymark/testkit/store'
import { postgres } from '../src/index.ts'

/** Writes transactions of ten entries for ever, each in two halves with time between them, and tells of each that is on disk. */
const [connectionString = '', schema = ''] = process.argv.slice(2)
const store = postgres({ connectionString, schema })
await store.open()
for (let round = 1; ; round += 1) {
  await store.transaction(async (tx) => {
    const five = Array.from({ length: 5 }, () => entry(`u${round}`, { properties: { round, filler: 'x'.repeat(500) } }))
    await tx.append(five)
    await tx.setCursor('round', String(round))
    await new Promise((resolve) => setTimeout(resolve, 1))
    await tx.append(five)
    await tx.link([`user:u${round}`], `u${round}`)
  })
  process.stdout.write(`${round}\n`)
}
