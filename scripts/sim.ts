/**
 * Runs hosts in simulated worlds, in which everything goes wrong that can, and holds each to what Waymark promises. Ends with exit
 * code 1 when a promise was broken, and says in which seeds; the first of them is told with as little going on as breaks it.
 *
 * `pnpm sim --seeds 10000 --from 1` runs many; `pnpm sim --seed 42 --trace` tells what happened in one; `pnpm sim --planted` tells how
 * many it takes to find each fault that was planted on purpose.
 */
import { parseArgs } from 'node:util'
import { type Simulation, shrink, simulate } from '@waymark/testkit/simulation'
import { PLANTED } from '../test/simulation/planted.ts'
import { product } from '../test/simulation/product.ts'
import { type Found, searchPlanted, searchSeeds } from '../test/simulation/search.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
  },
})
const from = wholeNumber('from', values.from)
if (values.seed !== undefined) await one(wholeNumber('seed', values.seed), values.trace)
else if (values.planted) await planted(from, wholeNumber('seeds', values.seeds ?? '10000'))
else await many(from, wholeNumber('seeds', values.seeds ?? '500'))

async function one(seed: number, withTrace: boolean): Promise<void> {
  const simulation = await simulate({ ...product, seed })
  if (withTrace) tell(simulation)
  else if (simulation.violations.length > 0) await tellShrunk(simulation)
  console.log(`seed ${seed}: ${simulation.violations.length === 0 ? 'every promise was kept' : 'broken'}, trace ${simulation.hash}`)
}

async function many(first: number, count: number): Promise<void> {
  const start = performance.now()
  const broken: Found[] = []
  let done = 0
  await searchSeeds(first, count, (found) => {
    done += 1
    if (done % 500 === 0) console.error(`${done} of ${count}`)
    if (found.violations.length === 0) return
    broken.push(found)
    console.log(`seed ${found.seed}: ${summary(found)}`)
  })
  const perSecond = (count / (performance.now() - start)) * 1_000
  console.log(`${count} seeds from ${first}, ${broken.length} in which a promise was broken; ${perSecond.toFixed(1)} a second`)
  const [worst] = broken.sort((a, b) => a.seed - b.seed)
  if (worst !== undefined) await tellShrunk(await simulate({ ...product, seed: worst.seed }))
}

async function planted(first: number, most: number): Promise<void> {
  const rows: string[] = []
  await searchPlanted(PLANTED, first, most, ({ name, after }, found) => {
    if (found === undefined) process.exitCode = 1
    rows.push(
      `${(found === undefined ? 'no' : String(found.seed - first + 1)).padStart(5)}  ${name} (${after})\n       ${found === undefined ? '' : summary(found)}`,
    )
    console.error(`${rows.length} searched for`)
  })
  console.log(`seeds  planted fault\n${rows.join('\n')}`)
}

async function tellShrunk(simulation: Simulation): Promise<void> {
  console.log(`\nseed ${simulation.seed} with as little going on as breaks '${simulation.violations[0]?.check}':`)
  tell((await shrink({ ...product, seed: simulation.seed }, simulation)).simulation)
}

function tell({ trace, violations }: Simulation): void {
  console.log(trace.join('\n'))
  if (violations.length > 0) process.exitCode = 1
  for (const { check, what } of violations) console.log(`BROKEN ${check}: ${what}`)
}

function summary({ violations }: Pick<Simulation, 'violations'>): string {
  return [...new Set(violations.map(({ check }) => check))].join(', ')
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name}: '${text}' is not a whole number`)
  return number
}
