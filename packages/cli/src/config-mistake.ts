import { WaymarkError } from '@waymark/core'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import { excerpt, pathOf, placeInStack, placeOfImport, placeOfSyntaxError, shortPath, showPlace, type SourcePlace } from './source-place.ts'

/** What went wrong while a config was imported, with the place and the mend. `imported` are the files that were read. */
export function describeConfigMistake(error: unknown, config: string, imported: readonly string[]): WaymarkError {
  if (!(error instanceof Error)) return mistake(`the config threw ${JSON.stringify(error) ?? String(error)}`, { file: config }, 'throw an Error, so that its stack says where', error)
  if (WaymarkError.is(error)) return ownMistake(error, config)
  if (codeOf(error) === 'ERR_MODULE_NOT_FOUND') return missingModule(error, config)
  if (error instanceof SyntaxError) {
    const place = placeOfSyntaxError(error.stack ?? '') ?? placeByChecking(config, imported) ?? { file: config }
    return mistake(error.message, place, syntaxMend(error), error)
  }
  const place = placeInStack(error.stack ?? '', config) ?? { file: config }
  return mistake(`${error.name}: ${error.message}`, place, 'the config must load without an exception', error)
}

/** One that Waymark itself raised: its own words and mend, with the line of the config that led to it. */
function ownMistake(error: WaymarkError, config: string): WaymarkError {
  const place = placeInStack(error.stack ?? '', config)
  const where = [error.place, place === undefined ? shortPath(config) : showPlace(place)].filter((part) => part !== undefined && !error.message.includes(part))
  return new WaymarkError('CONFIG_BROKEN', withExcerpt(error.message, place ?? { file: config }), {
    place: where.join(', '),
    ...(error.mend === undefined ? {} : { mend: error.mend }),
    cause: error,
  })
}

function missingModule(error: Error, config: string): WaymarkError {
  const named = /^Cannot find (package|module) '(.+?)' imported from (.+)$/.exec(error.message)
  if (named === null) return mistake(error.message, { file: config }, 'install what is missing, or mend the path', error)
  const [, kind, name = '', from = config] = named
  const importer = pathOf(from)
  if (kind === 'package') {
    return mistake(`the package '${name}' is not installed`, placeOfImport(importer, name), `run: npm install ${name}   (or pnpm add ${name})`, error)
  }
  const file = name.split('/').at(-1) ?? name
  const place = placeOfFileImport(importer, name)
  const meant = ['.ts', '.js', '.mjs'].map((ending) => name + ending).find((path) => existsSync(path))
  if (meant !== undefined && extname(name) === '') return mistake(`there is no file ${shortPath(name)}`, place, `write the ending too: '${file}${extname(meant)}'`, error)
  const twin = name.replace(/\.js$/, '.ts')
  if (twin !== name && existsSync(twin)) return mistake(`there is no file ${shortPath(name)}`, place, `Node reads TypeScript as it is: write '${file.replace(/\.js$/, '.ts')}'`, error)
  return mistake(`there is no file ${shortPath(name)}`, place, 'mend the path, or make the file', error)
}

function placeOfFileImport(importer: string, file: string): SourcePlace {
  const base = file.slice(dirname(importer).length + 1)
  const candidates = [`./${base}`, `../${file.split('/').slice(-1)[0]}`].map((specifier) => placeOfImport(importer, specifier))
  return candidates.find(({ line }) => line !== undefined) ?? { file: importer }
}

/** Plain JavaScript that does not parse names no line in its error; a check of its own does. */
function placeByChecking(config: string, imported: readonly string[]): SourcePlace | undefined {
  for (const file of [config, ...imported]) {
    if (!/\.(?:js|mjs)$/.test(file)) continue
    const { status, stderr } = spawnSync(process.execPath, ['--check', resolve(file)], { encoding: 'utf8' })
    const place = status === 0 ? undefined : placeOfSyntaxError(stderr)
    if (place !== undefined) return place
  }
  return undefined
}

function syntaxMend(error: Error): string {
  if (codeOf(error) === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return 'Node strips types and nothing more: write it without enum, namespace and parameter properties'
  if (error.message.includes('does not provide an export')) return "mend the name, or import it with 'import type' if it is a type"
  return 'mend the syntax at that place'
}

function codeOf(error: Error): unknown {
  return (error as NodeJS.ErrnoException).code
}

function mistake(message: string, place: SourcePlace, mend: string, cause: unknown): WaymarkError {
  return new WaymarkError('CONFIG_BROKEN', withExcerpt(message, place), { place: showPlace(place), mend, cause })
}

function withExcerpt(message: string, place: SourcePlace): string {
  const lines = excerpt(place)
  return lines === '' ? message : `${message}\n\n${lines}\n`
}
