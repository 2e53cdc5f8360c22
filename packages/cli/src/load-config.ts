import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type WaymarkConfig, WaymarkError } from '@waymark/core'
import { describeConfigMistake } from './config-mistake.ts'
import { assertGoodConfig } from './config-problems.ts'
import { watchImports } from './imports.ts'
import { shortPath } from './source-place.ts'

/** Looked for in this order, in the folder the command runs in. */
const CONFIG_NAMES: readonly string[] = ['waymark.config.ts', 'waymark.config.js', 'waymark.config.mjs']

export interface LoadedConfig {
  readonly config: WaymarkConfig
  readonly file: string
}

const EXAMPLE = `for example:

    import { definePlan, defineWaymark } from '@waymark/core'
    import { sqlite } from '@waymark/store-sqlite'
    import { z } from 'zod'

    const plan = definePlan({ events: { signed_up: z.object({}) }, traits: z.object({}) })
    export default defineWaymark({ plan, store: sqlite('./waymark.db') })`

/** The path of the config: the one asked for, else the first default there is. Throws `CONFIG_MISSING`, saying where it looked. */
export function findConfig(asked: string | undefined, folder: string = process.cwd()): string {
  const candidates = (asked === undefined ? CONFIG_NAMES : [asked]).map((name) => resolve(folder, name))
  const file = candidates.find((path) => existsSync(path))
  if (file !== undefined) return file
  throw asked === undefined
    ? new WaymarkError('CONFIG_MISSING', `no config: there is no ${CONFIG_NAMES.join(', ')} in ${folder}`, {
        mend: `name one with --config FILE, or make waymark.config.ts, ${EXAMPLE}`,
      })
    : new WaymarkError('CONFIG_MISSING', `no config: there is no ${candidates[0]}`, { mend: `mend the path, or make the file, ${EXAMPLE}` })
}

/**
 * Imports a config and checks it. Every mistake comes out as a `WaymarkError` with a code that begins `CONFIG_`, its place and its mend.
 * `onImport` hears of every file that is read on the way.
 */
export async function loadConfig(asked: string | undefined, onImport?: (file: string) => void): Promise<LoadedConfig> {
  const file = findConfig(asked)
  const imports = watchImports(onImport)
  let module: Record<string, unknown>
  try {
    module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (error) {
    throw describeConfigMistake(error, file, imports.files())
  }
  const config = module['default']
  if (config === undefined) {
    throw new WaymarkError('CONFIG_BROKEN', 'the config has no default export', {
      place: shortPath(file),
      mend: 'end it with: export default defineWaymark({ … })',
    })
  }
  assertGoodConfig(config, file, imports.files())
  return { config: config as WaymarkConfig, file }
}
