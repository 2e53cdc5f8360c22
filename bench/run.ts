import { parseArgs } from 'node:util'
import { adapters } from './adapters/area.ts'
import { engine } from './engine/area.ts'
import { host } from './host/area.ts'
import { lake } from './lake/area.ts'
import type { Measurement, Row } from './measure.ts'
import { lines, markdown } from './report.ts'

const AREAS: Readonly<Record<string, readonly Measurement[]>> = { engine, host, adapters, lake }

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, markdown: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const measurements = Object.entries(AREAS).flatMap(([area, list]) => list.map((measurement) => ({ area, ...measurement })))
const promised = new Map(measurements.flatMap(({ rows }) => rows.map((row) => [row.name, row] as const)))
const unknown = positionals.filter((name) => !(name in AREAS) && !promised.has(name))
if (unknown.length > 0) {
  console.error(`There is no '${unknown.join("', '")}'. Areas: ${Object.keys(AREAS).join(', ')}. Rows: ${[...promised.keys()].join(', ')}.`)
  process.exit(2)
}

const rows: Row[] = []
for (const { area, rows: gives, run } of measurements) {
  const isAsked = positionals.length === 0 || positionals.includes(area) || gives.some(({ name }) => positionals.includes(name))
  if (!isAsked) continue
  for (const { name, compares } of gives) console.error(`${name}: ${compares} …`)
  const start = performance.now()
  try {
    rows.push(...(await run()))
  } catch (cause) {
    // The other rows are still worth having.
    console.error(cause)
    process.exitCode = 1
  }
  console.error(`  ${((performance.now() - start) / 1_000).toFixed(0)} s`)
}
if (values.json) console.log(JSON.stringify(rows, null, 2))
else console.log(values.markdown ? markdown(rows, promised) : lines(rows, promised))
