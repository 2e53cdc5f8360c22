import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { duckdb } from '@waymark/adapter-duckdb'
import { type Segment, segmentSql } from '@waymark/core'
import { compared, type Measurement, perSecond } from '../measure.ts'
import { dice, line } from '../workload.ts'

/** Ten million show what a large lake does and take some twenty minutes; this many show the same ratios in about two. */
const EVENTS = Number(process.env['WAYMARK_BENCH_LAKE_EVENTS'] ?? 1_000_000)
const USERS = Math.ceil(EVENTS / 10)
const ROUNDS = 3
const HOUR = 3_600_000
/** Thirty days, whatever the number of events. */
const STEP = (30 * 24 * HOUR) / EVENTS
const START = Date.UTC(2026, 0, 1)

const engagement: Segment = {
  id: 'engagement',
  members: [
    {
      name: 'engaged',
      when: {
        kind: 'did',
        event: 'feature_used',
        where: [],
        measure: { of: 'distinct', property: 'feature' },
        compare: 'atLeast',
        value: 3,
        window: { length: 48 * HOUR, anchor: { event: 'signed_up', where: [] } },
      },
    },
    { name: 'at-risk', when: { kind: 'otherwise' } },
  ],
}

const AT = START + 31 * 24 * HOUR

/** The same question as somebody would write it who knows the table and DuckDB. */
const HANDWRITTEN = `
  WITH anchor AS (SELECT profile, min(ts) AS opened FROM events WHERE event = 'signed_up' AND ts <= ${AT} GROUP BY profile),
  used AS (
    SELECT e.profile, count(DISTINCT e.properties ->> '$.feature') AS features
    FROM events AS e JOIN anchor USING (profile)
    WHERE e.event = 'feature_used' AND e.ts <= ${AT} AND e.ts >= opened AND e.ts < opened + ${48 * HOUR} GROUP BY e.profile
  ),
  everybody AS (SELECT DISTINCT profile FROM events WHERE ts <= ${AT})
  SELECT profile, CASE WHEN features >= 3 THEN 'engaged' WHEN ${AT} >= opened + ${48 * HOUR} THEN 'at-risk' END AS member
  FROM everybody LEFT JOIN anchor USING (profile) LEFT JOIN used USING (profile)`

const lakeMeasurement: Measurement = {
  rows: [
    {
      name: 'lake.load_vs_copy',
      compares: `${EVENTS.toLocaleString('en')} events of a file into the lake / DuckDB's own COPY of it to Parquet`,
      target: { atLeast: 0.7 },
    },
    { name: 'lake.segment_sql_vs_handwritten', compares: 'time of a compiled segment over the lake / of the same written by hand', target: { atMost: 1.1 } },
  ],
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-lake-'))
    try {
      const file = join(folder, 'events.ndjson')
      await writeEvents(file)
      const instance = await DuckDBInstance.create(':memory:', { memory_limit: '4GB' })
      const connection = await instance.connect()
      let round = 0
      const speeds = await perSecond(ROUNDS, EVENTS, {
        async lake() {
          round += 1
          const { warehouse } = duckdb({ folder: join(folder, `lake-${round}`), memoryLimit: '4GB' })
          const rows = await warehouse.import(file)
          await warehouse.close()
          if (rows !== EVENTS) throw new Error(`${rows} rows of ${EVENTS} events`)
        },
        copy: () => connection.run(`COPY (FROM read_json('${file}')) TO '${join(folder, 'copy.parquet')}' (FORMAT parquet, COMPRESSION zstd)`),
      })
      connection.closeSync()
      instance.closeSync()

      const { warehouse } = duckdb({ folder: join(folder, `lake-${round}`), memoryLimit: '4GB' })
      const count = async (sql: string) => {
        for await (const page of warehouse.query(`SELECT member, count(*) AS many FROM (${sql}) AS asked GROUP BY member ORDER BY member`))
          return JSON.stringify(page)
        return ''
      }
      const compiled = segmentSql(engagement, { dialect: 'duckdb', events: 'events', at: AT })
      const [ours, theirs] = [await count(compiled), await count(HANDWRITTEN)]
      if (ours !== theirs) throw new Error(`the two queries differ: ${ours} and ${theirs}`)
      const asked = await perSecond(ROUNDS * 2 + 1, EVENTS, { compiled: () => count(compiled), handwritten: () => count(HANDWRITTEN) })
      await warehouse.close()
      const milliseconds = (speed = 0) => (EVENTS / speed) * 1_000
      return [
        compared('lake.load_vs_copy', speeds['lake'] as number, speeds['copy'] as number),
        compared('lake.segment_sql_vs_handwritten', milliseconds(asked['compiled']), milliseconds(asked['handwritten']), 'ms'),
      ]
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

export const lake: readonly Measurement[] = [lakeMeasurement]

async function writeEvents(path: string): Promise<void> {
  const random = dice(7)
  const out = createWriteStream(path)
  for (let index = 0; index < EVENTS; index += 1) {
    const written = out.write(`${line(random, index, `user-${random(USERS)}`, Math.floor(START + index * STEP))}\n`)
    if (!written) await once(out, 'drain')
  }
  out.end()
  await finished(out)
}
