import { type HostOptions, PORT } from '@waymark/host'
import { portArgument } from '../arguments.ts'
import { isSupervised, supervise, tellSupervisor } from '../dev-supervisor.ts'
import { EXIT } from '../exit-codes.ts'
import { untilStopped } from '../lifetime.ts'
import { findConfig, loadConfig } from '../load-config.ts'
import { peopleLogger } from '../people-logger.ts'
import type { Program } from '../program.ts'
import { renderBanner } from '../render-banner.ts'
import { changeLine, decisionLine } from '../render-decision.ts'
import { runningHost } from '../running-host.ts'
import type { Terminal } from '../terminal.ts'
import { drainOption, type ListenOptions, logLevelOption } from './serve.ts'

export function addDev(program: Program): void {
  program
    .command('dev', 'run the config while you work on it: readable logs, each decision as a line, a restart on every change')
    .option('-p, --port <port>', 'the port to listen on; 0 takes any free one', portArgument, PORT)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .addOption(logLevelOption())
    .addOption(drainOption(5))
    .addHelpText('after', '\nRestarts when the config or a file it imports changes; a config that is wrong is reported and waited for. Ctrl-C ends it with 0.')
    .action((options: ListenOptions) => program.run(options, () => (isSupervised() ? runOnce(options, program.terminal) : watch(options, program.terminal))))
}

/** The outer process: starts the inner one anew whenever a file changes. */
async function watch(options: ListenOptions, terminal: Terminal): Promise<number> {
  const config = findConfig(options.config)
  let told = false
  await supervise(config, {
    onReady(document) {
      if (options.json === true && !told) terminal.out(`${JSON.stringify(document)}\n`)
      told = true
    },
    onRestart: (file) => terminal.err(`\n${terminal.errColors.dim(`${file} changed: starting again`)}\n`),
    onFailed: () => terminal.err(`\n${terminal.errColors.dim('waiting for a change to try again')}\n`),
  })
  return EXIT.ok
}

/** The inner process: one config at work until it is told to stop. */
async function runOnce(options: ListenOptions, terminal: Terminal): Promise<number> {
  const colors = terminal.errColors
  const stopped = untilStopped()
  const { config, file } = await loadConfig(options.config, (path) => tellSupervisor({ kind: 'imported', file: path }))
  const hostOptions: HostOptions = {
    logger: peopleLogger((text) => terminal.err(text), colors, options.logLevel),
    onCommit({ changes, decisions }) {
      const lines = [...changes.map((change) => changeLine(change, colors)), ...decisions.map((decision) => decisionLine(decision, colors))]
      if (lines.length > 0) terminal.err(`${lines.join('\n')}\n`)
    },
  }
  const started = await runningHost(config, options, hostOptions, stopped)
  if (started === undefined) return EXIT.ok
  const { url, port } = started
  terminal.err(renderBanner(config, file, url, colors))
  tellSupervisor({ kind: 'ready', document: { url, port, config: file } })
  await stopped
  await started.close({ within: options.drainTimeout })
  return EXIT.ok
}
