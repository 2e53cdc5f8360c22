import { DIALECTS, type DialectName, didYouMean, type Segment, segmentSql, type WaymarkConfig, WaymarkError } from '@waymark/core'
import type { Command } from 'commander'
import { type CommonOptions, timeArgument } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { loadConfig } from '../load-config.ts'
import type { Program } from '../program.ts'

interface SqlOptions extends CommonOptions {
  readonly dialect: string
  readonly at?: number
  readonly table: string
  readonly since?: boolean
}

const RELATION = `
The query reads one relation of events and gives one row per profile: profile, and member (NULL while it is not settled). The relation has
  profile     text      the user, or what stands for a visitor
  message_id  text      orders the events of one millisecond
  ts          bigint    when it happened, in epoch milliseconds
  type        text      track, identify, page, screen, group or alias
  event       text      the name of a track event, else NULL
  properties  JSON      an object; traits the same. JSON in DuckDB and BigQuery, JSONB in PostgreSQL, VARIANT in Snowflake, String in ClickHouse`

export function addSegment(program: Program): void {
  const { terminal } = program
  const group = program.command('segment', 'ask about a segment of the config: as a query for a warehouse')
  program
    .command('sql', 'print a segment as a query for a warehouse that holds the events', group)
    .argument('<id>', 'the id of a segment')
    .requiredOption('--dialect <name>', DIALECTS.join(', '))
    .option('--at <time>', 'as it stood then: 2026-08-01T14:00:00Z, or epoch milliseconds (default: when the query runs)', timeArgument)
    .option('--table <name>', 'the table or view of events, its schema before it with a dot', 'waymark_events')
    .option('--since', 'also since when, in epoch milliseconds: slower, as it looks at every moment at which the segment may have changed')
    .addHelpText('after', RELATION)
    .action((id: string, _: unknown, command: Command) => {
      // The common options are those of the group too, which takes them first.
      const options = command.optsWithGlobals<SqlOptions>()
      return program.run(options, async () => {
        const dialect = dialectNamed(options.dialect)
        const { config } = await loadConfig(options.config)
        const segment = segmentNamed(config, id)
        const sql = segmentSql(segment, {
          dialect,
          segments: config.segments ?? [],
          at: options.at ?? 'now',
          events: options.table,
          since: options.since === true,
          ...(config.sessions === undefined ? {} : { sessionGap: config.sessions.gap }),
        })
        terminal.out(options.json === true ? `${JSON.stringify({ segment: id, dialect, sql })}\n` : `${sql}\n`)
        return EXIT.ok
      })
    })
}

function dialectNamed(name: string): DialectName {
  const found = DIALECTS.find((dialect) => dialect === name)
  if (found !== undefined) return found
  throw new WaymarkError('USAGE', `there is no dialect '${name}'.${didYouMean(name, DIALECTS)}`, { mend: `--dialect takes ${DIALECTS.join(', ')}` })
}

function segmentNamed({ segments = [] }: WaymarkConfig, id: string): Segment {
  const found = segments.find((segment) => segment.id === id)
  if (found !== undefined) return found
  const ids = segments.map((segment) => segment.id)
  throw new WaymarkError('NOT_FOUND', `there is no segment '${id}' in this config.${didYouMean(id, ids)}`, {
    mend: ids.length === 0 ? 'it has no segments' : `its segments are ${ids.join(', ')}`,
  })
}
