import type { WaymarkError } from '@waymark/core'
import { jsonLogger, type Level, PORT } from '@waymark/host'
import { Option } from 'commander'
import { type CommonOptions, portArgument, secondsArgument } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { untilStopped } from '../lifetime.ts'
import { loadConfig } from '../load-config.ts'
import type { Program } from '../program.ts'
import { runningHost } from '../running-host.ts'

/** How long a host that has lost its store waits for what is under way, in milliseconds: nothing of it can be written. */
const LAST_ANSWERS = 5_000

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
      '\nSIGTERM or SIGINT: takes nothing more, finishes what is under way, closes the store and ends with 0. A second one ends it at once. A host that has lost its store ends by itself, with 4.',
    )
    .action((options: ListenOptions) =>
      program.run(options, async () => {
        const stopped = untilStopped()
        const { promise: lost, resolve: onLost } = Promise.withResolvers<WaymarkError>()
        const { config, file } = await loadConfig(options.config)
        const log = jsonLogger(options.logLevel, (line) => terminal.err(`${line}\n`))
        const started = await runningHost(config, options, { logger: log, onLost }, stopped)
        if (started === undefined) {
          log.info('stopped before it was ready')
          return EXIT.ok
        }
        const { url, port } = started
        terminal.out(options.json === true ? `${JSON.stringify({ url, port, config: file })}\n` : `Waymark listens on ${url}\n`)
        log.info('listening', { url, config: file })
        const why = await Promise.race([stopped, lost])
        if (why !== undefined) log.error('ending, so that it may be started anew', { code: why.code, mend: why.mend })
        else log.info('stopping: finishing what is under way', { withinMs: options.drainTimeout })
        await started.close({ within: why === undefined ? options.drainTimeout : Math.min(options.drainTimeout, LAST_ANSWERS) })
        log.info('stopped')
        return why === undefined ? EXIT.ok : EXIT.lost
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
