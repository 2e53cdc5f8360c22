import type { DeadLetterFilter } from '@waymark/core'
import { WaymarkError } from '@waymark/core'
import { discardDeadLettersOffline, retryDeadLettersOffline } from '@waymark/host'
import type { Command } from 'commander'
import { type CommonOptions, idsArgument, limitArgument } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { loadConfig } from '../load-config.ts'
import { plural } from '../output.ts'
import type { Program } from '../program.ts'
import { renderDeadLetter, renderDeadLetters } from '../render-dead-letter.ts'

interface ListOptions extends CommonOptions {
  readonly limit: number
  readonly before?: number
  readonly plugin?: string
}

interface ChangeOptions extends CommonOptions {
  readonly plugin?: string
  readonly all?: boolean
}

const READS = '\nReads only: the host may be running.'
const WRITES = 'The host must not be running; in its own process there is'

export function addDeadLetter(program: Program): void {
  const deadLetter = program.command('dead-letter', 'list what could not be brought to a sink or a person, and try it again')
  addList(program, deadLetter)
  addShow(program, deadLetter)
  addChange(program, deadLetter, {
    name: 'retry',
    summary: 'have dead letters tried again when the host starts',
    after: `A message is asked for consent and condition again. Tried twice, nothing arrives twice where the receiver knows messages by their key and\nevents by their id. ${WRITES} host.retryDeadLetters().`,
    run: (config, filter) => retryDeadLettersOffline(config, filter),
    done: (count) => `${plural(count, 'dead letter')} will be tried again when the host starts`,
  })
  addChange(program, deadLetter, {
    name: 'discard',
    summary: 'take dead letters out for good',
    after: `A message stays as it ended. ${WRITES} host.discardDeadLetters().`,
    run: (config, filter) => discardDeadLettersOffline(config, filter),
    done: (count) => `${plural(count, 'dead letter')} discarded`,
  })
}

function addList(program: Program, parent: Command): void {
  const { terminal } = program
  program
    .command('list', 'list them, newest first, with the reason', parent)
    .option('-n, --limit <count>', 'show at most so many', limitArgument, 50)
    .option('--before <id>', 'show older ones than this', limitArgument)
    .option('--plugin <name>', 'only those of this plugin')
    .addHelpText('after', READS)
    .action((_options: ListOptions, command: Command) => {
      const options: ListOptions = command.optsWithGlobals()
      return program.run(options, async () => {
        const { config } = await loadConfig(options.config)
        await config.store.open({ readOnly: true })
        try {
          const { limit, before, plugin } = options
          const page = { limit, ...(before === undefined ? {} : { before }), ...(plugin === undefined ? {} : { plugin }) }
          const [deadLetters, totals] = [await config.store.deadLetters(page), await config.store.deadLetterTotals()]
          const list = { deadLetters, totals }
          terminal.out(options.json === true ? `${JSON.stringify(list)}\n` : renderDeadLetters(list, options, terminal.outColors))
          return EXIT.ok
        } finally {
          await config.store.close()
        }
      })
    })
}

function addShow(program: Program, parent: Command): void {
  const { terminal } = program
  program
    .command('show', 'show one whole', parent)
    .argument('<id>', 'its number in the list', idsArgument)
    .addHelpText('after', READS)
    .action((ids: readonly number[], _options: CommonOptions, command: Command) => {
      const options: CommonOptions = command.optsWithGlobals()
      return program.run(options, async () => {
        const { config } = await loadConfig(options.config)
        await config.store.open({ readOnly: true })
        try {
          const [letter] = await config.store.deadLetters({ ids, limit: 1 })
          if (letter === undefined) throw notThere(ids)
          terminal.out(options.json === true ? `${JSON.stringify(letter)}\n` : renderDeadLetter(letter, terminal.outColors))
          return EXIT.ok
        } finally {
          await config.store.close()
        }
      })
    })
}

interface Change {
  readonly name: string
  readonly summary: string
  readonly after: string
  readonly run: (config: Parameters<typeof retryDeadLettersOffline>[0], filter: DeadLetterFilter) => Promise<number>
  readonly done: (count: number) => string
}

function addChange(program: Program, parent: Command, change: Change): void {
  const { terminal } = program
  program
    .command(change.name, change.summary, parent)
    .argument('[ids...]', 'their numbers in the list', idsArgument, [])
    .option('--plugin <name>', 'all of this plugin')
    .option('--all', 'all there are')
    .addHelpText('after', `\n${change.after}`)
    .action((ids: readonly number[], _options: ChangeOptions, command: Command) => {
      const options: ChangeOptions = command.optsWithGlobals()
      return program.run(options, async () => {
        const filter = filterOf(ids, options, `waymark dead-letter ${change.name}`)
        const { config } = await loadConfig(options.config)
        const count = await change.run(config, filter)
        if (count === 0 && filter.ids !== undefined) throw notThere(filter.ids)
        terminal.out(options.json === true ? `${JSON.stringify({ count })}\n` : `${change.done(count)}\n`)
        return EXIT.ok
      })
    })
}

function filterOf(ids: readonly number[], { plugin, all }: ChangeOptions, command: string): DeadLetterFilter {
  if ([ids.length > 0, plugin !== undefined, all === true].filter(Boolean).length !== 1) {
    throw new WaymarkError('USAGE', 'say which dead letters', { mend: `${command} <id…>, ${command} --plugin <name>, or ${command} --all` })
  }
  return ids.length > 0 ? { ids } : plugin === undefined ? {} : { plugin }
}

function notThere(ids: readonly number[]): WaymarkError {
  return new WaymarkError('NOT_FOUND', `there is no dead letter ${ids.join(', ')}`, { mend: 'waymark dead-letter list shows those there are' })
}
