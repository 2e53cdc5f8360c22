import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { duckdb } from '../src/duckdb.ts'
import { madeEvents } from './made-events.ts'

/**
 * A host that is to be killed: delivers made events in batches of changing size and keeps its place in a file, moved only once a batch is
 * durable; meanwhile it compacts without end. Tells of each batch, before and after.
 */
const [folder = '', count = '0', seed = '0'] = process.argv.slice(2)
const place = join(folder, 'place')
const events = madeEvents(Number(count))
const lake = duckdb({ folder: join(folder, 'lake'), threads: 1, graceMs: 20 })
await lake.warehouse.prepare()
let isDone = false
const compacting = (async () => {
  while (!isDone) {
    await lake.warehouse.compact()
    await setImmediate()
  }
})()
let at = existsSync(place) ? Number(readFileSync(place, 'utf8')) : 0
for (let round = Number(seed); at < events.length; round += 1) {
  process.send?.(at)
  const end = Math.min(events.length, at + 1 + ((round * 7_919) % 400))
  await lake.warehouse.load(events.slice(at, end))
  process.send?.(end)
  at = end
  writeFileSync(`${place}.new`, String(at))
  renameSync(`${place}.new`, place)
}
isDone = true
await compacting
await lake.warehouse.close()
process.disconnect?.()
