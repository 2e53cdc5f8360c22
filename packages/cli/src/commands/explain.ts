import { type WaymarkConfig, WaymarkError } from '@waymark/core'
import { explain } from '@waymark/host'
import { type CommonOptions, timeArgument } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { loadConfig } from '../load-config.ts'
import { localTime } from '../output.ts'
import type { Program } from '../program.ts'
import { renderExplanation } from '../render-explanation.ts'

interface ExplainOptions extends CommonOptions {
  readonly rule?: string
  readonly at?: number
}

export function addExplain(program: Program): void {
  const { terminal } = program
  program
    .command('explain', 'say why a user is where they are: segments, rules, what was sent and what was held back')
    .argument('<user>', 'a user id, or the anonymous id of a visitor')
    .option('--rule <id>', 'only this rule')
    .option('--at <time>', 'as it stood then: 2026-08-01T14:00:00Z, or epoch milliseconds (default: now)', timeArgument)
    .addHelpText('after', '\nReads only: the host may be running.')
    .action((user: string, options: ExplainOptions) =>
      program.run(options, async () => {
        const { config } = await loadConfig(options.config)
        assertRule(config, options.rule)
        await config.store.open({ readOnly: true })
        try {
          const now = Date.now()
          const explanation = await explain(config, config.store, user, {
            now,
            ...(options.at === undefined ? {} : { at: options.at }),
            ...(options.rule === undefined ? {} : { rule: options.rule }),
          })
          if (explanation === undefined) throw unknownUser(user, options.at)
          terminal.out(options.json === true ? `${JSON.stringify(explanation)}\n` : renderExplanation(explanation, terminal.outColors))
          return EXIT.ok
        } finally {
          await config.store.close()
        }
      }),
    )
}

function assertRule(config: WaymarkConfig, rule: string | undefined): void {
  const ids = (config.rules ?? []).map(({ id }) => id)
  if (rule === undefined || ids.includes(rule)) return
  throw new WaymarkError('NOT_FOUND', `there is no rule '${rule}' in this config`, {
    mend: ids.length === 0 ? 'it has no rules' : `its rules are ${ids.join(', ')}`,
  })
}

function unknownUser(user: string, at: number | undefined): WaymarkError {
  return new WaymarkError('NOT_FOUND', `nothing is known of '${user}'${at === undefined ? '' : ` at ${localTime(at)} or before`}`, {
    mend: 'it takes a user id or an anonymous id with at least one accepted event; waymark quarantine lists what was not accepted',
  })
}
