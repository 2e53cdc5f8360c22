import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly align?: 'left' | 'right'
}

/** Rows in aligned columns, two spaces apart; the last column of a row is not padded. Colours do not count as width. */
export function columns(rows: readonly (readonly string[])[], layout: readonly Column[] = [], indent: string = '  '): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, widthOf(cell))
    })
  }
  return rows.map((row) => `${indent}${row.map((cell, index) => pad(cell, index, row.length)).join('  ')}`.trimEnd()).join('\n')

  function pad(cell: string, index: number, cells: number): string {
    const gap = ' '.repeat((widths[index] ?? 0) - widthOf(cell))
    if (layout[index]?.align === 'right') return gap + cell
    return index === cells - 1 ? cell : cell + gap
  }
}

function widthOf(cell: string): number {
  return [...stripVTControlCharacters(cell)].length
}

/** ISO 8601 in the time zone of this machine, to the second: `2026-08-01T14:03:11+02:00`. */
export function localTime(at: number): string {
  if (!Number.isFinite(at)) return 'unknown'
  const date = new Date(at)
  const offset = -date.getTimezoneOffset()
  const local = new Date(at + offset * 60_000)
  if (Number.isNaN(local.getTime())) return 'unknown'
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0')
  return `${local.toISOString().slice(0, 19)}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`
}

const UNITS = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** How far `at` lies from `now`, in the largest unit that fits twice: `in 36 hours`, `3 days ago`. */
export function fromNow(at: number, now: number): string {
  const distance = Math.abs(at - now)
  if (distance < 1_000) return 'now'
  const [unit, length] = UNITS.find(([, size]) => distance >= 2 * size) ?? ['second', 1_000]
  const amount = Math.round(distance / length)
  return relative.format(at < now ? -amount : amount, unit)
}

export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1 event`, `2,000 events`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)}%`
}

/** Lines of at most 100 columns, each after `indent`, broken between words. */
export function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, indent + line]
}

/** What a terminal shows without breaking lines, mostly. */
const WIDTH = 100

/** One line of at most `width` characters. */
export function clip(text: string, width: number): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`
}

/** Lines of at most `width` characters, broken between words; a word that is longer has a line to itself. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}
