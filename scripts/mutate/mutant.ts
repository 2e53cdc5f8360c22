import { relative } from 'node:path'
import type { Stryker } from '@stryker-mutator/core'

type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number]

/** One change to a source, and what became of it. */
export interface Mutant {
  readonly file: string
  /** `file:line:column`. */
  readonly place: string
  /** The changed code, as a pattern of what to change. */
  readonly range: string
  readonly kind: string
  /** The line as it is, and as the change makes it, without indentation. */
  readonly before: string
  readonly after: string
  readonly status: MutantResult['status']
}

/** A change that cannot be noticed, since the program does the same with it. Found by its lines, which outlast line numbers. */
export interface Equivalent {
  readonly file: string
  readonly before: string
  readonly after: string
  readonly because: string
}

export function mutantOf(root: string, source: string, { fileName, location: { start, end }, mutatorName, replacement, status }: MutantResult): Mutant {
  const lines = source.split('\n')
  const head = lines[start.line - 1] ?? ''
  const tail = lines[end.line - 1] ?? ''
  const changed = `${head.slice(0, start.column - 1)}${replacement}${tail.slice(end.column - 1)}`
  const file = relative(root, fileName)
  return {
    file,
    place: `${file}:${start.line}:${start.column}`,
    range: `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`,
    kind: mutatorName,
    before: lines
      .slice(start.line - 1, end.line)
      .map((line) => line.trim())
      .join(' '),
    after: changed.replaceAll(/\s+/g, ' ').trim(),
    status,
  }
}

/** The same for the same change in two runs over the same sources. */
export function nameOf({ range, kind, after }: Mutant): string {
  return [range, kind, after].join('\n')
}

export interface SortedOut {
  readonly noticed: readonly Mutant[]
  readonly unnoticed: readonly Mutant[]
  readonly equivalent: readonly Mutant[]
  /** Listed as equivalent, but a test tells them apart. */
  readonly misjudged: readonly Mutant[]
  /** Listed, but no longer to be found in a file that was changed. */
  readonly outdated: readonly Equivalent[]
}

export function sortedOut(mutants: readonly Mutant[], listed: readonly Equivalent[]): SortedOut {
  const isSame = (mutant: Mutant, one: Equivalent) => one.file === mutant.file && one.before === mutant.before && one.after === mutant.after
  const isListed = (mutant: Mutant) => listed.some((one) => isSame(mutant, one))
  const noticed = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout')
  const others = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  return {
    noticed,
    unnoticed: others.filter((mutant) => !isListed(mutant)),
    equivalent: others.filter(isListed),
    misjudged: noticed.filter(isListed),
    outdated: listed.filter((one) => mutants.some(({ file }) => file === one.file) && !mutants.some((mutant) => isSame(mutant, one))),
  }
}
