import { WaymarkError } from '@waymark/core'
import { examine, type Finding, type FindingStatus, worstOf } from '@waymark/host'
import type { CommonOptions } from '../arguments.ts'
import { findConfig, loadConfig } from '../load-config.ts'
import type { Program } from '../program.ts'
import { renderFindings } from '../render-findings.ts'
import { shortPath } from '../source-place.ts'

/** Of this command alone: what it finds is its result, so that a script can tell a warning from a failure. */
const EXIT_CODES: Readonly<Record<FindingStatus, number>> = { ok: 0, warn: 1, fail: 2 }

export function addDoctor(program: Program): void {
  const { terminal } = program
  program
    .command('doctor', 'look over the config and what it runs on: store, disk, clock, plugins, and what waits')
    .addHelpText(
      'after',
      '\nReads only: the host may be running. It ends with 0 when all is well, 1 when something should be looked at, 2 when something fails.',
    )
    .action((options: CommonOptions) =>
      program.run(options, async () => {
        const { file, findings } = await look(options)
        const status = worstOf(findings)
        terminal.out(
          options.json === true ? `${JSON.stringify({ status, config: file, findings })}\n` : renderFindings(findings, shortPath(file), terminal.outColors),
        )
        return EXIT_CODES[status]
      }),
    )
}

/** A config that does not load is the first thing a doctor should find. */
async function look(options: CommonOptions): Promise<{ readonly file: string; readonly findings: readonly Finding[] }> {
  try {
    const { config, file } = await loadConfig(options.config)
    return { file, findings: await examine(config) }
  } catch (error) {
    if (!WaymarkError.is(error) || !error.code.startsWith('CONFIG_')) throw error
    const file = error.code === 'CONFIG_MISSING' ? (options.config ?? 'no config') : findConfig(options.config)
    // Its first line: what may follow is a whole config to copy.
    const mend = error.mend?.split('\n', 1)[0]?.replace(/, for example:$/, '') ?? 'mend each of them as it says'
    const place = error.place === undefined || error.place === '' ? '' : `\nat ${error.place}`
    return { file, findings: [{ status: 'fail', area: 'config', says: `${error.message.trim()}${place}`, mend }] }
  }
}
