import { WaymarkError } from '@waymark/core'
import { changeIdentityOffline, type IdentityChange, identityOf } from '@waymark/host'
import type { Command } from 'commander'
import { type CommonOptions, limitArgument } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { loadConfig } from '../load-config.ts'
import { peopleLogger } from '../people-logger.ts'
import type { Program } from '../program.ts'
import { renderIdentity, renderIdentityChange } from '../render-identity.ts'

interface IdentityOptions extends CommonOptions {
  readonly limit: number
  readonly before?: number
}

export function addIdentity(program: Program): void {
  const { terminal } = program
  const identity = program
    .command('identity', 'say which ids are one user, and how that came to be; take one out again, or put one in')
    .argument('<user>', 'a user id, or an anonymous id')
    .option('-n, --limit <count>', 'show at most so many lines of the journal', limitArgument, 50)
    .option('--before <id>', 'show older ones than this line of the journal', limitArgument)
    .addHelpText('after', '\nReads only: the host may be running. merge and unmerge write, and it may not.')
    .action((user: string, options: IdentityOptions) =>
      program.run(options, async () => {
        const { config } = await loadConfig(options.config)
        await config.store.open({ readOnly: true })
        try {
          const { limit, before } = options
          const report = await identityOf(config.store, user, { limit, ...(before === undefined ? {} : { before }) })
          if (report === undefined) throw unknownUser(user)
          terminal.out(options.json === true ? `${JSON.stringify(report)}\n` : renderIdentity(report, limit, terminal.outColors))
          return EXIT.ok
        } finally {
          await config.store.close()
        }
      }),
    )
  const after = 'Each gets back the history, messages and sends that were their own, and the two do not merge again by themselves. Nothing is sent for it.'
  addChange(program, identity, 'unmerge', 'take an id out of a user again: it is somebody else', after)
  addChange(program, identity, 'merge', 'make an id one of a user: it is the same person', 'Also where they were taken apart before.')
}

function addChange(program: Program, identity: Command, kind: IdentityChange['kind'], summary: string, after: string): void {
  const { terminal } = program
  program
    .command(kind, summary, identity)
    .argument('<user>', 'a user id')
    .argument('<id>', "an anonymous id, another user id, or a profile's name")
    .addHelpText('after', `\n${after} The host must not be running.`)
    .action((user: string, id: string, _options: CommonOptions, command: Command) => {
      // The options stand behind the words of both commands, and the outer one takes them.
      const options: CommonOptions = command.optsWithGlobals()
      return program.run(options, async () => {
        const { config } = await loadConfig(options.config)
        const logger = peopleLogger((text) => terminal.err(text), terminal.errColors, 'warn')
        const entry = await changeIdentityOffline(config, { kind, user, id }, { logger })
        terminal.out(options.json === true ? `${JSON.stringify(entry)}\n` : renderIdentityChange(entry, terminal.outColors))
        return EXIT.ok
      })
    })
}

function unknownUser(user: string): WaymarkError {
  return new WaymarkError('NOT_FOUND', `nothing is known of '${user}'`, {
    mend: 'it takes a user id or an anonymous id with at least one accepted event; waymark quarantine lists what was not accepted',
  })
}
