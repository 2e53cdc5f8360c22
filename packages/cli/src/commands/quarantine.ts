import type { Quarantined } from '@waymark/core'
import { type CommonOptions, limitArgument } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { loadConfig } from '../load-config.ts'
import { clip, localTime, plural } from '../output.ts'
import type { Program } from '../program.ts'
import type { Colors } from '../terminal.ts'

interface QuarantineOptions extends CommonOptions {
  readonly limit: number
}

export function addQuarantine(program: Program): void {
  const { terminal } = program
  program
    .command('quarantine', 'list the events that did not fit the plan or could not be read, newest first, with the reason')
    .option('-n, --limit <count>', 'show at most so many', limitArgument, 50)
    .action((options: QuarantineOptions) =>
      program.run(options, async () => {
        const { config } = await loadConfig(options.config)
        await config.store.open({ readOnly: true })
        try {
          const quarantined = await config.store.quarantined(options.limit)
          terminal.out(options.json === true ? `${JSON.stringify({ quarantined })}\n` : renderQuarantine(quarantined, options.limit, terminal.outColors))
          return EXIT.ok
        } finally {
          await config.store.close()
        }
      }),
    )
}

function renderQuarantine(quarantined: readonly Quarantined[], limit: number, colors: Colors): string {
  if (quarantined.length === 0) return 'Nothing is in quarantine.\n'
  const entries = quarantined.map(
    ({ at, source, reason, raw }) =>
      `${colors.dim(localTime(at))}  ${colors.cyan(source)}  ${clip(reason, 200)}\n  ${colors.dim(clip(typeof raw === 'string' ? raw : (JSON.stringify(raw) ?? 'nothing'), 140))}`,
  )
  const more = quarantined.length === limit ? '; there may be more: --limit shows them' : ''
  return `${entries.join('\n')}\n\n${plural(quarantined.length, 'event')} in quarantine${more}\n`
}
