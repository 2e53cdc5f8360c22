import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { WaymarkError } from '@waymark/core'
import { excerpt, pathOf, placeInStack, placeOfImport, placeOfSyntaxError, type SourcePlace, shortPath, showPlace } from './source-place.ts'

/** What went wrong while a config was imported, with the place and the mend. `imported` are the files that were read. */
export function describeConfigMistake(error: unknown, config: string, imported: readonly string[]): WaymarkError {
  if (!(error instanceof Error))
    return mistake(`the config threw ${JSON.stringify(error) ?? String(error)}`, { file: config }, 'throw an Error, so that its stack says where', error)
  if (WaymarkError.is(error)) return ownMistake(error, config)
  if (codeOf(error) === 'ERR_MODULE_NOT_FOUND') return missingModule(error, config)
  if (error instanceof SyntaxError) {
    const place = placeOfSyntaxError(error.stack ?? '') ?? placeByChecking(config, imported) ?? { file: config }
    return mistake(error.message, place, syntaxMend(error), error)
  }
  const place = placeInStack(error.stack ?? '', config) ?? { file: config }
  return mistake(error.name === 'Error' ? error.message : `${error.name}: ${error.message}`, place, 'the config must load without an exception', error)
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
  const written = importedAs(importer, name)
  const place = placeOfImport(importer, written)
  const message = `there is no file ${shortPath(name)}`
  const ending = ['.ts', '.js', '.mjs'].find((one) => existsSync(name + one))
  if (ending !== undefined) return mistake(message, place, `write the ending too: '${written}${ending}'`, error)
  if (name.endsWith('.js') && existsSync(name.replace(/\.js$/, '.ts')))
    return mistake(message, place, `Node reads TypeScript as it is: write '${written.replace(/\.js$/, '.ts')}'`, error)
  return mistake(message, place, 'mend the path, or make the file', error)
}

/** How one file names another in its imports. */
function importedAs(importer: string, file: string): string {
  const path = relative(dirname(importer), file).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
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
  if (codeOf(error) === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return 'Node strips types and nothing more: write it without enum, namespace and parameter properties'
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
