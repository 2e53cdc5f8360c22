import { readFileSync } from 'node:fs'
import { WaymarkError } from '@waymark/core'
import { Command, CommanderError } from 'commander'
import type { CommonOptions } from './arguments.ts'
import { addDeadLetter } from './commands/dead-letter.ts'
import { addDev } from './commands/dev.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExplain } from './commands/explain.ts'
import { addIdentity } from './commands/identity.ts'
import { addPrivacy } from './commands/privacy.ts'
import { addQuarantine } from './commands/quarantine.ts'
import { addReplay } from './commands/replay.ts'
import { addSegment } from './commands/segment.ts'
import { addServe } from './commands/serve.ts'
import { EXIT, EXIT_HELP, exitCodeOf } from './exit-codes.ts'
import { errorDocument, renderError } from './report-error.ts'
import { processTerminal, type Terminal } from './terminal.ts'

/** What a command is given to be part of the program. */
export interface Program {
  readonly terminal: Terminal
  /** A new command with the options that all of them take; `under` another one when it is given. */
  command(name: string, summary: string, under?: Command): Command
  /** Runs the work of a command; a throw becomes its report and its exit code. */
  run(options: CommonOptions, work: () => Promise<number>): Promise<void>
}

/** Runs the `waymark` command and gives its exit code; never throws. */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let exitCode: number = EXIT.ok
  const root = new Command('waymark')
  const program: Program = {
    terminal,
    command: (name, summary, under = root) => common(under.command(name).description(summary), terminal),
    async run(options, work) {
      try {
        exitCode = await work()
      } catch (error) {
        exitCode = report(error, options, terminal)
      }
    },
  }
  setUp(root, terminal)
    .description('Onboarding that adapts to what each user really does.')
    .version(version(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
  for (const add of [addDev, addServe, addReplay, addExplain, addIdentity, addQuarantine, addDeadLetter, addPrivacy, addSegment, addDoctor]) add(program)
  root.addHelpText('after', `\nEvery command reads ./waymark.config.ts (or .js, .mjs); name another with --config FILE.${`\n${EXIT_HELP}`}`)

  try {
    await root.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, {}, terminal)
    if (error.exitCode === 0) return EXIT.ok
    if (args.includes('--json')) terminal.out(`${JSON.stringify(errorDocument(new WaymarkError('USAGE', error.message.replace(/^error: /, ''))))}\n`)
    return EXIT.usage
  }
  return exitCode
}

function common(command: Command, terminal: Terminal): Command {
  return setUp(command, terminal)
    .option('-c, --config <file>', 'the config to run (default: ./waymark.config.ts, .js or .mjs)')
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .option('--debug', 'show the stack of errors')
    .addHelpText('after', EXIT_HELP)
}

function setUp(command: Command, terminal: Terminal): Command {
  return command
    .exitOverride()
    .showHelpAfterError('(add --help to see how the command is used)')
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
}

function report(error: unknown, options: CommonOptions, terminal: Terminal): number {
  terminal.err(renderError(error, terminal.errColors, options.debug === true))
  if (options.json === true) terminal.out(`${JSON.stringify(errorDocument(error))}\n`)
  return exitCodeOf(error)
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}
