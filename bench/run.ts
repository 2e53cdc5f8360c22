import { parseArgs } from 'node:util'
import { engine } from './engine.ts'
import { host } from './host.ts'
import type { Row } from './measure.ts'

interface Area {
  readonly what: string
  readonly run: () => Promise<readonly Row[]>
}

const AREAS: Readonly<Record<string, Area>> = {
  engine: { what: '20 mixed conditions over 100,000 events of 2,000 users, parsing included, against bare JSON.parse of the same bytes', run: engine },
  host: {
    what: 'parse, validate, dedup, identity, 20 conditions, ledger, outbox, SQLite with synchronous=FULL, 1,000 events a commit, against bare JSON.parse',
    run: host,
  },
}

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true })
const unknown = positionals.filter((area) => !(area in AREAS))
if (unknown.length > 0) {
  console.error(`There is no area '${unknown.join("', '")}'. Areas: ${Object.keys(AREAS).join(', ')}.`)
  process.exit(2)
}

const rows: Row[] = []
for (const [area, { what, run }] of Object.entries(AREAS)) {
  if (positionals.length > 0 && !positionals.includes(area)) continue
  console.error(`${area}: ${what} …`)
  rows.push(...(await run()))
}
if (values.json) console.log(JSON.stringify(rows, null, 2))
else {
  const width = Math.max(...rows.map(({ name }) => name.length))
  for (const { name, value, unit, baseline, ratio } of rows) {
    console.log(`${name.padEnd(width)}  ${ratio.toFixed(2)}x   ${value.toLocaleString('en')} ${unit} against ${baseline.toLocaleString('en')}`)
  }
}
