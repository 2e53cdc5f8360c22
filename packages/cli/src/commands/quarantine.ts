import type { QuarantineFilter } from '@waymark/core'
import { WaymarkError } from '@waymark/core'
import { discardQuarantineOffline, replayQuarantine } from '@waymark/host'
import type { Command } from 'commander'
import { type CommonOptions, idsArgument, limitArgument } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { loadConfig } from '../load-config.ts'
import { plural } from '../output.ts'
import { peopleLogger } from '../people-logger.ts'
import type { Program } from '../program.ts'
import { renderQuarantine, renderQuarantineReplay } from '../render-quarantine.ts'

interface ListOptions extends CommonOptions {
  readonly limit: number
  readonly before?: number
  readonly source?: string
}

interface ChangeOptions extends CommonOptions {
  readonly source?: string
  readonly all?: boolean
}

const WRITES = 'The host must not be running.'

export function addQuarantine(program: Program): void {
  const quarantine = addListing(
    program,
    program.command('quarantine', 'list the events that did not fit the plan or could not be read, newest first, with the reason; take them in again'),
  )
  addListing(program, program.command('list', 'the same', quarantine))
  addReplay(program, quarantine)
  addDiscard(program, quarantine)
}

function addListing(program: Program, command: Command): Command {
  const { terminal } = program
  return command
    .option('-n, --limit <count>', 'show at most so many', limitArgument, 50)
    .option('--before <id>', 'show older ones than this', limitArgument)
    .option('--source <name>', 'only those of this source')
    .addHelpText('after', '\nReads only: the host may be running.')
    .action((_options: ListOptions, self: Command) => {
      const options: ListOptions = self.optsWithGlobals()
      return program.run(options, async () => {
        const { config } = await loadConfig(options.config)
        await config.store.open({ readOnly: true })
        try {
          const { limit, before, source } = options
          const page = { limit, ...(before === undefined ? {} : { before }), ...(source === undefined ? {} : { source }) }
          const list = { quarantined: await config.store.quarantined(page), totals: await config.store.quarantineTotals() }
          terminal.out(options.json === true ? `${JSON.stringify(list)}\n` : renderQuarantine(list, options, terminal.outColors))
          return EXIT.ok
        } finally {
          await config.store.close()
        }
      })
    })
}

function addReplay(program: Program, parent: Command): void {
  const { terminal } = program
  program
    .command('replay', 'take in what fits the plan by now, as if it had just come; the rest stays with the reason of now', parent)
    .argument('[ids...]', 'only these', idsArgument, [])
    .option('--source <name>', 'only those of this source')
    .addHelpText('after', `\nDuplicates, consent and identity are as ever, and an event counts from when it happened. ${WRITES}`)
    .action((ids: readonly number[], _options: ChangeOptions, command: Command) => {
      const options: ChangeOptions = command.optsWithGlobals()
      return program.run(options, async () => {
        const { config } = await loadConfig(options.config)
        const logger = peopleLogger((text) => terminal.err(text), terminal.errColors, 'warn')
        const report = await replayQuarantine(config, filterOf(ids, options), { logger })
        terminal.out(options.json === true ? `${JSON.stringify(report)}\n` : renderQuarantineReplay(report, terminal.outColors))
        return EXIT.ok
      })
    })
}

function addDiscard(program: Program, parent: Command): void {
  const { terminal } = program
  program
    .command('discard', 'take events out of quarantine for good', parent)
    .argument('[ids...]', 'their numbers in the list', idsArgument, [])
    .option('--source <name>', 'all of this source')
    .option('--all', 'all there are')
    .addHelpText('after', `\n${WRITES}`)
    .action((ids: readonly number[], _options: ChangeOptions, command: Command) => {
      const options: ChangeOptions = command.optsWithGlobals()
      return program.run(options, async () => {
        if ([ids.length > 0, options.source !== undefined, options.all === true].filter(Boolean).length !== 1) {
          const self = 'waymark quarantine discard'
          throw new WaymarkError('USAGE', 'say which events', { mend: `${self} <id…>, ${self} --source <name>, or ${self} --all` })
        }
        const { config } = await loadConfig(options.config)
        const count = await discardQuarantineOffline(config, filterOf(ids, options))
        if (count === 0 && ids.length > 0) {
          throw new WaymarkError('NOT_FOUND', `there is no ${ids.join(', ')} in quarantine`, { mend: 'waymark quarantine list shows what there is' })
        }
        terminal.out(options.json === true ? `${JSON.stringify({ count })}\n` : `${plural(count, 'event')} discarded\n`)
        return EXIT.ok
      })
    })
}

function filterOf(ids: readonly number[], { source }: ChangeOptions): QuarantineFilter {
  return { ...(ids.length === 0 ? {} : { ids }), ...(source === undefined ? {} : { source }) }
}
