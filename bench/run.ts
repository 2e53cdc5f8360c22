import { parseArgs } from 'node:util'
import { engine } from './engine.ts'
import { host } from './host.ts'
import type { Row } from './measure.ts'

const AREAS: Readonly<Record<string, () => Promise<readonly Row[]>>> = { engine, host }

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true })
const unknown = positionals.filter((area) => !(area in AREAS))
if (unknown.length > 0) {
  console.error(`There is no area '${unknown.join("', '")}'. Areas: ${Object.keys(AREAS).join(', ')}.`)
  process.exit(2)
}

const rows: Row[] = []
for (const [area, run] of Object.entries(AREAS)) {
  if (positionals.length > 0 && !positionals.includes(area)) continue
  console.error(`measuring ${area} …`)
  rows.push(...(await run()))
}
if (values.json) console.log(JSON.stringify(rows, null, 2))
else {
  const width = Math.max(...rows.map(({ name }) => name.length))
  for (const { name, value, unit, baseline, ratio } of rows) {
    console.log(`${name.padEnd(width)}  ${ratio.toFixed(2)}x   ${value.toLocaleString('en')} ${unit} against ${baseline.toLocaleString('en')}`)
  }
}
