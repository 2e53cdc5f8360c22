import { readFileSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import { checkConfig, type Problem, WaymarkError } from '@waymark/core'
import { type SourcePlace, shortPath, showPlace } from './source-place.ts'

/** Throws one `CONFIG_INVALID` that lists what is wrong with a config that did load, each with the line that names it and its mend. */
export function assertGoodConfig(config: unknown, file: string, imported: readonly string[]): void {
  const problems = checkConfig(config)
  if (problems.length === 0) return
  const folder = dirname(file) + sep
  const sources = [file, ...imported.filter((path) => path !== file && path.startsWith(folder))].map((path) => ({
    path,
    lines: readFileSync(path, 'utf8').split('\n'),
  }))
  const listed = problems.map((problem) => {
    const place = placeOf(problem, sources)
    return `${problem.place}${place === undefined ? '' : `  (${showPlace(place)})`}\n  ${problem.message}\n  fix: ${problem.mend}`
  })
  const head = problems.length === 1 ? 'the config has a problem' : `the config has ${problems.length} problems`
  throw new WaymarkError('CONFIG_INVALID', `${head}:\n\n${listed.join('\n\n')}\n`, { place: shortPath(file) })
}

/** The line of the field a problem is about, as far as it can be followed from the line that names the rule, segment or field it stands in. */
function placeOf({ place, message }: Problem, sources: readonly { readonly path: string; readonly lines: readonly string[] }[]): SourcePlace | undefined {
  const id = /'([^']+)'/.exec(place)?.[1]
  const names = (id === undefined ? place : place.slice(place.indexOf(`'${id}'`) + id.length + 2)).match(/[A-Za-z_]\w*/g) ?? []
  const isStart = (line: string): boolean => (id === undefined ? hasField(line, names[0] ?? '') : line.includes(`'${id}'`) || line.includes(`"${id}"`))
  for (const { path, lines } of sources) {
    const start = lines.findIndex(isStart)
    if (start >= 0) return { file: path, line: 1 + (message === 'missing' ? start : follow(lines, start, names)) }
  }
  return undefined
}

/** Goes from field to field, each at or after the line of the one before, and no further than the next rule or segment. */
function follow(lines: readonly string[], start: number, names: readonly string[]): number {
  const next = lines.findIndex((line, index) => index > start && /\.(?:rule|segments)\(/.test(line))
  const end = next < 0 ? lines.length : next
  let line = start
  for (const name of names) {
    const found = lines.findIndex((text, index) => index >= line && index < end && hasField(text, name))
    if (found < 0) break
    line = found
  }
  return line
}

function hasField(line: string, name: string): boolean {
  return new RegExp(`\\b${name}\\s*[:,(]`).test(line)
}
