import { jsonLogger, type Level, PORT } from '@waymark/host'
import { Option } from 'commander'
import { type CommonOptions, portArgument } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { untilStopped } from '../lifetime.ts'
import { loadConfig } from '../load-config.ts'
import type { Program } from '../program.ts'
import { startHost } from '../running-host.ts'

export interface ListenOptions extends CommonOptions {
  readonly port: number
  readonly host: string
  readonly logLevel: Level
}

export function addServe(program: Program): void {
  const { terminal } = program
  program
    .command('serve', 'run the config in production: HTTP on a port, structured logs on stderr')
    .option('-p, --port <port>', 'the port to listen on; 0 takes any free one', portArgument, PORT)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .addOption(logLevelOption())
    .addHelpText('after', '\nSIGTERM or SIGINT: stops listening, finishes what is under way, closes the store and ends with 0.')
    .action((options: ListenOptions) =>
      program.run(options, async () => {
        const { config, file } = await loadConfig(options.config)
        const log = jsonLogger(options.logLevel, (line) => terminal.err(`${line}\n`))
        const served = await startHost(config, options, { logger: log })
        terminal.out(options.json === true ? `${JSON.stringify({ url: served.url, port: served.port, config: file })}\n` : `Waymark listens on ${served.url}\n`)
        log.info('listening', { url: served.url, config: file })
        await untilStopped()
        log.info('stopping: finishing what is under way')
        await served.close()
        log.info('stopped')
        return EXIT.ok
      }),
    )
}

export function logLevelOption(): Option {
  return new Option('--log-level <level>', 'the least that is logged').choices(['debug', 'info', 'warn', 'error']).default('info')
}
