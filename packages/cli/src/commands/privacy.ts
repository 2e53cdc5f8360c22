import type { IdentityKey, Store } from '@waymark/core'
import { identityOf, readErasures, requestErasureOffline } from '@waymark/host'
import type { Command } from 'commander'
import type { CommonOptions } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { loadConfig } from '../load-config.ts'
import type { Program } from '../program.ts'
import { renderErasures, renderRequested } from '../render-erasures.ts'

const NOT_HERE = `What Waymark itself has of the user (profile, log, messages, quarantine, dead letters) is not erased by this command.`

export function addPrivacy(program: Program): void {
  const privacy = program.command('privacy', 'have a user forgotten by the tools they were taken to, and show the receipts')
  addErase(program, privacy)
  addReceipts(program, privacy)
}

function addErase(program: Program, parent: Command): void {
  const { terminal } = program
  program
    .command('erase', 'refuse everything that comes of a user from now on, and have each plugin with an eraser forget them', parent)
    .argument('<user>', 'a user id, or an anonymous id; one that is not known is a user id, or an anonymous id with anon: before it')
    .addHelpText('after', `\n${NOT_HERE}\nThe host must not be running; in its own process there is host.erase(). Plugins are asked when it starts.`)
    .action((user: string, _options: CommonOptions, command: Command) => {
      const options: CommonOptions = command.optsWithGlobals()
      return program.run(options, async () => {
        const { config } = await loadConfig(options.config)
        const ids = await idsOf(config.store, user)
        const erasures = await requestErasureOffline(config, user)
        terminal.out(
          options.json === true
            ? `${JSON.stringify({ user, ids, erasedHere: false, erasures })}\n`
            : renderRequested({ user, ids, erasures }, NOT_HERE, terminal.outColors),
        )
        return EXIT.ok
      })
    })
}

function addReceipts(program: Program, parent: Command): void {
  const { terminal } = program
  program
    .command('receipts', 'show what plugins were asked to forget, and what they said; newest first', parent)
    .argument('[user]', 'of this user alone, by any id')
    .addHelpText(
      'after',
      '\nWhen all of a user is confirmed there is no name any more, only a hash that the same ids lead to. Reads only: the host may be running.',
    )
    .action((user: string | undefined, _options: CommonOptions, command: Command) => {
      const options: CommonOptions = command.optsWithGlobals()
      return program.run(options, async () => {
        const { config } = await loadConfig(options.config)
        await config.store.open({ readOnly: true })
        try {
          const erasures = await readErasures(config.store, user)
          terminal.out(options.json === true ? `${JSON.stringify({ erasures })}\n` : renderErasures(erasures, user, terminal.outColors))
          return EXIT.ok
        } finally {
          await config.store.close()
        }
      })
    })
}

/** What the name stands for; none where nothing is known of it. */
async function idsOf(store: Store, user: string): Promise<readonly IdentityKey[]> {
  await store.open({ readOnly: true })
  try {
    return (await identityOf(store, user, { limit: 0 }))?.ids ?? []
  } finally {
    await store.close()
  }
}
