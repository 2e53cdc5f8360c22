import { checkConfig, WaymarkError, type Problem } from '@waymark/core'
import { readFileSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import { shortPath, showPlace, type SourcePlace } from './source-place.ts'

/** Throws one `CONFIG_INVALID` that lists what is wrong with a config that did load, each with the line that names it and its mend. */
export function assertGoodConfig(config: unknown, file: string, imported: readonly string[]): void {
  const problems = checkConfig(config)
  if (problems.length === 0) return
  const folder = dirname(file) + sep
  const sources = [file, ...imported.filter((path) => path !== file && path.startsWith(folder))].map((path) => ({ path, lines: readFileSync(path, 'utf8').split('\n') }))
  const listed = problems.map((problem) => {
    const place = placeOf(problem, sources)
    return `${problem.place}${place === undefined ? '' : `  (${showPlace(place)})`}\n  ${problem.message}\n  fix: ${problem.mend}`
  })
  const head = problems.length === 1 ? 'the config has a problem' : `the config has ${problems.length} problems`
  throw new WaymarkError('CONFIG_INVALID', `${head}:\n\n${listed.join('\n\n')}\n`, { place: shortPath(file) })
}

/** The line that names what a problem is about: the quoted id in its place, else the field of the config it begins with. */
function placeOf({ place }: Problem, sources: readonly { readonly path: string; readonly lines: readonly string[] }[]): SourcePlace | undefined {
  const id = /'([^']+)'/.exec(place)?.[1]
  const field = /^\w+/.exec(place)?.[0]
  const named = (line: string): boolean =>
    id !== undefined ? line.includes(`'${id}'`) || line.includes(`"${id}"`) : field !== undefined && new RegExp(`\\b${field}\\s*[:,]`).test(line)
  for (const { path, lines } of sources) {
    const index = lines.findIndex(named)
    if (index >= 0) return { file: path, line: index + 1 }
  }
  return undefined
}
