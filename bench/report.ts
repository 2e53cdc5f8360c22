import { availableParallelism, cpus } from 'node:os'
import { isReached, type Measurement, type Row, type Target } from './measure.ts'

type Promised = Measurement['rows'][number]

/** Aligned lines, each with its target and whether it is reached. */
export function lines(rows: readonly Row[], promised: ReadonlyMap<string, Promised>): string {
  const table = rows.map((row) => {
    const target = promised.get(row.name)?.target
    return [row.name, ratio(row), target === undefined ? '' : words(target), verdict(row, target), measured(row)]
  })
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((cells) => (cells[column] as string).length)))
  return table
    .map((cells) => cells.map((cell, column) => (column === 1 ? cell.padStart(widths[1] as number) : cell.padEnd(widths[column] ?? 0))).join('  '))
    .join('\n')
}

/** The last table of docs/benchmarks.md. */
export function markdown(rows: readonly Row[], promised: ReadonlyMap<string, Promised>): string {
  const body = rows.map((row) => {
    const target = promised.get(row.name)?.target
    return `| \`${row.name}\` | ${measured(row)} | ${ratio(row)} | ${target === undefined ? '' : words(target)} | ${verdict(row, target)} |`
  })
  return [
    `Node.js ${process.versions.node} on ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}):`,
    '',
    '| row | measured | ratio | target | |',
    '| --- | --- | ---: | --- | --- |',
    ...body,
  ].join('\n')
}

function ratio({ ratio: of }: Row): string {
  return `${of.toFixed(of < 10 ? 2 : 1)}x`
}

function words(target: Target): string {
  return 'atLeast' in target ? `>= ${target.atLeast}` : `<= ${target.atMost}`
}

function verdict(row: Row, target: Target | undefined): string {
  if (target === undefined) return ''
  return isReached(row.ratio, target) ? 'reached' : 'MISSED'
}

function measured({ value, unit, baseline }: Row): string {
  return `${value.toLocaleString('en')} ${unit} against ${baseline.toLocaleString('en')}`
}
