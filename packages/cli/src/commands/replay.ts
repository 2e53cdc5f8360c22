import { type QuarantinedLine, type ReplayOptions, replay } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { type CommonOptions, timeArgument } from '../arguments.ts'
import { readEventFile } from '../event-lines.ts'
import { EXIT } from '../exit-codes.ts'
import { loadConfig } from '../load-config.ts'
import { writeNdjson } from '../ndjson-writer.ts'
import type { Program } from '../program.ts'
import { showProgress } from '../progress.ts'
import { renderReplay } from '../render-replay.ts'
import type { Terminal } from '../terminal.ts'

interface ReplayCommandOptions extends CommonOptions {
  readonly memberships?: string
  readonly decisions?: string
  readonly quarantine?: string
  readonly until?: number
  readonly quiet?: boolean
}

export function addReplay(program: Program): void {
  const { terminal } = program
  program
    .command('replay', 'say what the config would have made of a file of events: a virtual clock, nothing delivered, no store touched')
    .argument('<file>', 'events, one JSON object a line, packed with gzip or not; - reads stdin')
    .option('--memberships <file>', 'write {profile, segment, member, since} of the end, one a line; times in epoch milliseconds')
    .option('--decisions <file>', 'write every decision, one a line')
    .option('--quarantine <file>', 'write {line, source, reason, raw} of every event that was not accepted, one a line; raw is its line of the file')
    .option('--until <time>', 'go on until then after the last event, so that what time alone brings happens', timeArgument)
    .option('-q, --quiet', 'show no progress')
    .action((file: string, options: ReplayCommandOptions) => program.run(options, () => runReplay(file, options, terminal)))
}

async function runReplay(file: string, options: ReplayCommandOptions, terminal: Terminal): Promise<number> {
  const { config } = await loadConfig(options.config)
  const input = readEventFile(file)
  const [memberships, decisions, quarantine] = [options.memberships, options.decisions, options.quarantine].map((path) =>
    path === undefined ? undefined : writeNdjson(path),
  )
  const progress = options.quiet === true ? undefined : showProgress(terminal)
  const interrupt = (): void => {
    progress?.end()
    terminal.err('interrupted\n')
    process.exit(EXIT.interrupted)
  }
  process.once('SIGINT', interrupt)
  if (file === '-' && options.quiet !== true) terminal.err('reading standard input\n')

  const reasons = new Map<string, { count: number; readonly line: number }>()
  const keep = (item: QuarantinedLine): void => {
    const known = reasons.get(item.reason)
    if (known === undefined) reasons.set(item.reason, { count: 1, line: item.line })
    else known.count += 1
    quarantine?.write(item)
  }
  const store = sqlite(':memory:')
  await store.open()
  try {
    const start = Date.now()
    const replayOptions: ReplayOptions = {
      ...(options.until === undefined ? {} : { until: options.until }),
      onProgress: (done) => progress?.update({ ...done, share: input.share() }),
      onDecision: (decision) => decisions?.write(decision),
      onMembership: (membership) => memberships?.write(membership),
      onQuarantined: keep,
    }
    const summary = await replay(config, store, input.lines, replayOptions)
    const milliseconds = Date.now() - start
    progress?.end()
    terminal.out(options.json === true ? `${JSON.stringify(summary)}\n` : renderReplay({ summary, milliseconds, reasons }, terminal.outColors))
    return EXIT.ok
  } finally {
    progress?.end()
    process.removeListener('SIGINT', interrupt)
    for (const writer of [memberships, decisions, quarantine]) writer?.close()
    await store.close()
  }
}
