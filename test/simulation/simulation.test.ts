import { simulate } from '@waymark/testkit/simulation'
import { expect, it } from 'vitest'
import { PLANTED } from './planted.ts'
import { forgetful, product } from './product.ts'
import { type Found, searchPlanted, searchSeeds } from './search.ts'

const SEEDS = 500
const LEAN_SEEDS = 80
/** `pnpm sim --planted` looks further. */
const PLANTED_WITHIN = 400
const COMMON = PLANTED.filter(({ isRare }) => isRare !== true)

it(`keeps every promise in ${SEEDS} worlds in which the network, the store, the receivers, the clock and the process itself fail`, async () => {
  const start = performance.now()
  const found: Found[] = []
  await searchSeeds(1, SEEDS, (one) => found.push(one))
  const broken = found.flatMap(({ seed, violations }) => violations.map(({ check, what }) => `seed ${seed}: ${check}: ${what}`.slice(0, 400)))
  const sum = (of: (counts: Found['counts']) => number) => found.reduce((total, { counts }) => total + of(counts), 0)
  const seconds = ((performance.now() - start) / 1_000).toFixed(1)
  console.log(
    `${found.length} worlds in ${seconds} s: ${sum(({ events }) => events)} events, ${sum(({ messages }) => messages)} messages, ` +
      `${sum(({ processes }) => processes)} processes, ${sum(({ faults }) => faults)} faults; broken promises: ${broken.length}`,
  )
  expect(broken).toEqual([])
  expect(found).toHaveLength(SEEDS)
}, 300_000)

it(`keeps them over a log that is compacted all along, in ${LEAN_SEEDS} worlds`, async () => {
  const broken: string[] = []
  for (let seed = 1; seed <= LEAN_SEEDS; seed += 1) {
    const { violations } = await simulate({ ...forgetful, seed })
    broken.push(...violations.map(({ check, what }) => `seed ${seed}: ${check}: ${what}`.slice(0, 400)))
  }
  expect(broken).toEqual([])
}, 120_000)

it('is the same world again for the same seed, also in another process', async () => {
  const elsewhere = new Map<number, string>()
  await searchSeeds(1, 4, ({ seed, hash }) => elsewhere.set(seed, hash))
  for (const seed of [1, 2, 3, 4]) {
    const { hash, trace } = await simulate({ ...product, seed })
    expect((await simulate({ ...product, seed })).trace).toEqual(trace)
    expect(elsewhere.get(seed)).toBe(hash)
  }
  expect(new Set(elsewhere.values()).size).toBe(4)
})

it(`finds each of ${COMMON.length} planted faults within ${PLANTED_WITHIN} worlds`, async () => {
  const seeds = new Map<string, number | undefined>()
  await searchPlanted(COMMON, 1, PLANTED_WITHIN, ({ name }, found) => seeds.set(name, found?.seed))
  console.log([...seeds].map(([name, seed]) => `${String(seed).padStart(4)} ${name}`).join('\n'))
  expect([...seeds].filter(([, seed]) => seed === undefined)).toEqual([])
  expect(seeds.size).toBe(COMMON.length)
}, 300_000)
