/**
 * Everything a change must pass beside its tests. Runs every step, prints what failed and why, and ends with exit code 1
 * if anything did. Name steps to run only those: `pnpm check lint types`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Finished } from './run.ts'
import { inParallel, run } from './run.ts'
import type { Package } from './workspace.ts'
import { typeScriptProjects, workspacePackages } from './workspace.ts'

interface Step {
  readonly name: string
  readonly what: string
  /** A step that must have passed, if it was asked for, before this one means anything. */
  readonly after?: string
  readonly check: () => Promise<Finished>
}

const root = resolve(import.meta.dirname, '..')
const bin = (name: string): string => join(root, 'node_modules/.bin', name)
const workers = Math.min(4, availableParallelism())

const steps: readonly Step[] = [
  {
    name: 'lint',
    what: 'lint, format, import directions, purity of core',
    check: () => run(bin('biome'), ['ci', '--error-on-warnings', '--max-diagnostics=50', '--colors=off'], root),
  },
  { name: 'types', what: 'types of every package', check: types },
  { name: 'unused', what: 'unused files, exports and dependencies', check: () => run(bin('knip'), ['--no-progress', '--no-config-hints'], root) },
  { name: 'build', what: 'build of every package', check: () => run(bin('turbo'), ['run', 'build', '--no-color'], root) },
  { name: 'packages', what: 'packed packages, as users will get them', after: 'build', check: packed },
]

/** Keeps what the compiler learnt of each project under node_modules, so that a second check reads only what changed. */
async function types(): Promise<Finished> {
  const finished = await inParallel(workers, typeScriptProjects(root), (project) => {
    const memory = join(root, 'node_modules/.cache/tsc', `${project.replaceAll(/\W+/g, '-')}.tsbuildinfo`)
    return run(bin('tsc'), ['-p', project, '--incremental', '--tsBuildInfoFile', memory], root)
  })
  return together(finished)
}

async function packed(): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-packed-'))
  try {
    const published = workspacePackages(root).filter((item) => !item.private)
    return together(await inParallel(workers, published, (item) => packedOne(item, join(root, item.folder), folder)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Packs one package as `pnpm publish` would and checks the tarball: its manifest, its files, how its types resolve. Then loads what was built. */
async function packedOne({ name, entries }: Package, cwd: string, folder: string): Promise<Finished> {
  const tarball = join(folder, `${name.replaceAll(/\W+/g, '-')}.tgz`)
  const pack = await run('pnpm', ['pack', '--out', tarball], cwd)
  if (pack.code !== 0) return { code: pack.code, output: `${name} could not be packed:\n${pack.output}` }
  const { code, output } = together([
    await run(bin('publint'), [tarball, '--strict'], cwd),
    await run(bin('attw'), [tarball, '--profile', 'esm-only', '--no-emoji'], cwd),
    await run(process.execPath, ['--input-type=module', '--eval', entries.map((entry) => `await import('${entry}')`).join('\n')], cwd),
  ])
  return { code, output: code === 0 ? '' : `${name}\n${output}` }
}

function together(finished: readonly Finished[]): Finished {
  const failed = finished.filter((item) => item.code !== 0)
  return { code: failed.length === 0 ? 0 : 1, output: failed.map((item) => item.output.trimEnd()).join('\n') }
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`There is no step '${unknown.join("', '")}'. The steps are: ${steps.map((step) => step.name).join(', ')}.`)
  process.exit(2)
}

const failures: string[] = []
for (const step of steps.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  if (step.after !== undefined && failures.includes(step.after)) {
    console.log(`-      ${step.name.padEnd(9)} left out, because ${step.after} failed`)
    continue
  }
  const start = performance.now()
  const { code, output } = await step.check()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.name.padEnd(9)} ${step.what} (${seconds} s)`)
  if (code === 0) continue
  failures.push(step.name)
  console.log(`${output.trimEnd().replaceAll(/^/gm, '    ')}\n`)
}
console.log(failures.length === 0 ? 'check: everything passes' : `check: ${failures.join(', ')} failed`)
process.exitCode = failures.length === 0 ? 0 : 1
