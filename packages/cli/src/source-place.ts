import { existsSync, readFileSync } from 'node:fs'
import { dirname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A point in a source file; lines and columns from 1. */
export interface SourcePlace {
  readonly file: string
  readonly line?: number
  readonly column?: number
}

/** The path as a person in `from` would write it. */
export function shortPath(file: string, from: string = process.cwd()): string {
  const path = relative(from, file)
  return path === '' || path.startsWith(`..${sep}..${sep}..`) ? file : path
}

export function showPlace({ file, line, column }: SourcePlace): string {
  return [shortPath(file), line, column].filter((part) => part !== undefined).join(':')
}

const FRAME = /^\s+at .*?\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/

/** The innermost call of a stack that stands in the config file or in a file beside or below it. */
export function placeInStack(stack: string, config: string): SourcePlace | undefined {
  const folder = dirname(config) + sep
  for (const text of stack.split('\n')) {
    const match = FRAME.exec(text)
    const file = match?.[1] === undefined ? undefined : pathOf(match[1])
    if (file?.startsWith(folder) && !file.includes(`${sep}node_modules${sep}`)) return { file, line: Number(match?.[2]), column: Number(match?.[3]) }
  }
  return undefined
}

/** Where Node says a file cannot be read as code: `file:line`, the line, and a caret below it, ahead of the stack or on stderr. */
export function placeOfSyntaxError(report: string): SourcePlace | undefined {
  const lines = report.split('\n')
  const head = /^((?:file:\/\/|\/|[A-Za-z]:\\).*):(\d+)$/.exec(lines[0] ?? '')
  if (head?.[1] === undefined) return undefined
  const caret = lines.findIndex((line) => /^\s*\^+\s*$/.test(line))
  const column = caret < 1 ? undefined : (lines[caret] as string).indexOf('^') + 1
  return { file: pathOf(head[1]), line: Number(head[2]), ...(column === undefined ? {} : { column }) }
}

/** The first place a file imports `specifier` at. */
export function placeOfImport(file: string, specifier: string): SourcePlace {
  const lines = sourceOf(file)?.split('\n') ?? []
  const line = lines.findIndex((text) => text.includes(`'${specifier}`) || text.includes(`"${specifier}`))
  return line < 0 ? { file } : { file, line: line + 1, column: (lines[line] as string).search(/['"]/) + 1 }
}

/** The lines around a place, numbered, with a caret below it. */
export function excerpt({ file, line, column }: SourcePlace): string {
  const lines = sourceOf(file)?.split('\n')
  if (lines === undefined || line === undefined || line > lines.length) return ''
  const width = String(line).length
  const rows: string[] = []
  for (let number = Math.max(1, line - 2); number <= line; number += 1) {
    rows.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${lines[number - 1]}`.trimEnd())
  }
  if (column !== undefined) rows.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`)
  return rows.join('\n')
}

export function pathOf(text: string): string {
  return text.startsWith('file:') ? fileURLToPath(text) : text
}

function sourceOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
