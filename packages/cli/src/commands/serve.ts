import { jsonLogger, type Level, PORT } from '@waymark/host'
import { Option } from 'commander'
import { type CommonOptions, portArgument, secondsArgument } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { untilStopped } from '../lifetime.ts'
import { loadConfig } from '../load-config.ts'
import type { Program } from '../program.ts'
import { runningHost } from '../running-host.ts'

export interface ListenOptions extends CommonOptions {
  readonly port: number
  readonly host: string
  readonly logLevel: Level
  /** Milliseconds. */
  readonly drainTimeout: number
}

export function addServe(program: Program): void {
  const { terminal } = program
  program
    .command('serve', 'run the config in production: HTTP on a port, structured logs on stderr')
    .option('-p, --port <port>', 'the port to listen on; 0 takes any free one', portArgument, PORT)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .addOption(logLevelOption())
    .addOption(drainOption(30))
    .addHelpText(
      'after',
      '\nSIGTERM or SIGINT: takes nothing more, finishes what is under way, closes the store and ends with 0. A second one ends it at once.',
    )
    .action((options: ListenOptions) =>
      program.run(options, async () => {
        const stopped = untilStopped()
        const { config, file } = await loadConfig(options.config)
        const log = jsonLogger(options.logLevel, (line) => terminal.err(`${line}\n`))
        const started = await runningHost(config, options, { logger: log }, stopped)
        if (started === undefined) {
          log.info('stopped before it was ready')
          return EXIT.ok
        }
        const { url, port } = started
        terminal.out(options.json === true ? `${JSON.stringify({ url, port, config: file })}\n` : `Waymark listens on ${url}\n`)
        log.info('listening', { url, config: file })
        await stopped
        log.info('stopping: finishing what is under way', { withinMs: options.drainTimeout })
        await started.close({ within: options.drainTimeout })
        log.info('stopped')
        return EXIT.ok
      }),
    )
}

export function logLevelOption(): Option {
  return new Option('--log-level <level>', 'the least that is logged').choices(['debug', 'info', 'warn', 'error']).default('info')
}

export function drainOption(seconds: number): Option {
  return new Option('--drain-timeout <seconds>', 'how long what is under way may take to end')
    .argParser(secondsArgument)
    .default(seconds * 1_000, String(seconds))
}
