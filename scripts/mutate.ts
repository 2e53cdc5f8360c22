/**
 * Changes the engine and the readings of conditions in one place at a time (a comparison turned, a boundary moved, a sign flipped,
 * an answer emptied) and counts the changes that no test of core notices. Ends with exit code 1 when too many go unnoticed.
 * Name files to change only those: `pnpm mutate packages/core/src/engine/guards.ts`.
 */
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Stryker } from '@stryker-mutator/core'
import { EQUIVALENT } from './mutate/equivalent.ts'
import { type Mutant, mutantOf, nameOf, sortedOut } from './mutate/mutant.ts'

/** The share of changes that must be noticed, those left out that change nothing. */
const LEAST = 0.9

const FILES = ['packages/core/src/engine/**/*.ts', 'packages/core/src/behaviour/evaluate/**/*.ts', 'packages/core/src/behaviour/{truth,walk}.ts']

/** These change texts and lists that are written out, or take away a `?.` that only the compiler asks for. */
const LEFT_OUT = ['StringLiteral', 'ArrayDeclaration', 'ObjectLiteral', 'OptionalChaining', 'Regex']

/** Random cases for each property of the tests: few notice most changes, and those that they miss meet many. */
const CASES = { first: 60, second: 400 }

const root = resolve(import.meta.dirname, '..')
const asked = process.argv.slice(2)
process.chdir(root)
// Read now, since they may be edited while this runs.
const sources = new Map(globSync('packages/*/src/**/*.ts').map((file) => [resolve(file), readFileSync(file, 'utf8')]))
// Outside the repository, so that no other tool finds the copy of the sources in which the changes are made.
const folder = mkdtempSync(join(tmpdir(), 'waymark-mutate-'))
try {
  const first = await mutate(asked.length > 0 ? asked : FILES, CASES.first)
  const missed = sortedOut(first, EQUIVALENT).unnoticed
  const again = missed.length === 0 ? [] : await mutate([...new Set(missed.map(({ range }) => range))], CASES.second)
  const latest = new Map(again.map((mutant) => [nameOf(mutant), mutant]))
  process.exitCode = report(first.map((mutant) => (missed.includes(mutant) ? (latest.get(nameOf(mutant)) ?? mutant) : mutant)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function mutate(places: readonly string[], cases: number): Promise<readonly Mutant[]> {
  process.env['WAYMARK_RUNS'] = String(cases)
  const stryker = new Stryker({
    mutate: [...places],
    mutator: { excludedMutations: LEFT_OUT },
    plugins: ['@stryker-mutator/vitest-runner'],
    testRunner: 'vitest',
    vitest: { configFile: 'scripts/mutate/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    // A change that makes a loop endless counts as noticed when the time is over.
    timeoutMS: 3_000,
    concurrency: Math.min(4, availableParallelism()),
    reporters: ['progress-append-only'],
    allowConsoleColors: false,
    tempDirName: folder,
    ignorePatterns: ['/{adapters,bench,docs,examples,test}', 'dist'],
  })
  const results = await stryker.runMutationTest()
  return results.map((result) => mutantOf(root, sources.get(result.fileName) ?? '', result))
}

function report(mutants: readonly Mutant[]): number {
  const { noticed, unnoticed, equivalent, misjudged, outdated } = sortedOut(mutants, EQUIVALENT)
  for (const { place, before, after, kind } of unnoticed.toSorted((a, b) => a.place.localeCompare(b.place, 'en', { numeric: true })))
    console.log(`survived  ${place}  ${kind}\n  - ${before}\n  + ${after}`)
  for (const { place, before, after } of misjudged) console.log(`listed as equivalent, but a test fails  ${place}\n  - ${before}\n  + ${after}`)
  for (const { file, before, after } of outdated) console.log(`listed as equivalent, but there is no such change  ${file}\n  - ${before}\n  + ${after}`)

  const files = [...new Set(mutants.map(({ file }) => file))].sort()
  const count = (list: readonly Mutant[], file: string) => String(list.filter((mutant) => mutant.file === file).length).padStart(5)
  console.log('\nkilled  survived  equivalent')
  for (const file of files) console.log(`${count(noticed, file)}   ${count(unnoticed, file)}     ${count(equivalent, file)}       ${file}`)
  const share = noticed.length / Math.max(1, noticed.length + unnoticed.length)
  console.log(
    `${noticed.length} killed, ${unnoticed.length} survived, ${equivalent.length} equivalent: ${(share * 100).toFixed(1)} %, at least ${LEAST * 100} % asked`,
  )
  return share >= LEAST && misjudged.length === 0 && outdated.length === 0 ? 0 : 1
}
