import type { Source, WaymarkConfig } from '@waymark/core'
import { type SimulationOptions, simulate } from '@waymark/testkit/simulation'
import { expect, it } from 'vitest'
import { product } from './product.ts'

const WORLDS = 60
const WITHIN = 100

/** The product, and a tool that people use besides it. */
const sourced: Omit<SimulationOptions, 'seed'> = {
  ...product,
  config(deploy) {
    const config = typeof product.config === 'function' ? product.config(deploy) : product.config
    return {
      ...config,
      plugins: [...(config.plugins ?? []), { name: 'crm', purpose: 'analytics', sources: [{ name: 'export', every: 7_200_000, pull: never }] }],
    }
  },
}

/** Never called: what a source fetches from is the world's. */
async function* never(): AsyncGenerator<never> {
  yield await Promise.reject(new Error('a simulation reaches nobody'))
}

it(`takes what a source has, once, and the cursor is never ahead of it, in ${WORLDS} worlds in which everything fails`, async () => {
  const broken: string[] = []
  const counts = { pulls: 0, processes: 0 }
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const { violations, trace, counts: own } = await simulate({ ...sourced, seed })
    broken.push(...violations.map(({ check, what }) => `seed ${seed}: ${check}: ${what}`.slice(0, 400)))
    counts.pulls += trace.filter((line) => line.includes('crm:export gives')).length
    counts.processes += own.processes
  }
  console.log(JSON.stringify(counts))
  expect(broken).toEqual([])
  expect(counts.pulls).toBeGreaterThan(WORLDS)
}, 200_000)

/** In commits of their own: the cursor of each page, and then its events. */
function cursorFirst(config: WaymarkConfig): WaymarkConfig {
  const apart = (source: Source): Source => ({
    ...source,
    async *pull(after, context) {
      for await (const { events, cursor } of source.pull(after, context)) {
        if (cursor !== undefined) yield { events: [], cursor }
        yield { events }
      }
    },
  })
  return { ...config, plugins: (config.plugins ?? []).map((plugin) => ({ ...plugin, ...(plugin.sources && { sources: plugin.sources.map(apart) }) })) }
}

it(`finds a cursor that is written before its events within ${WITHIN} worlds`, async () => {
  const found: string[] = []
  let seed = 0
  while (found.length === 0 && seed < WITHIN) {
    seed += 1
    found.push(...(await simulate({ ...sourced, seed, plant: () => cursorFirst })).violations.map(({ check }) => check))
  }
  console.log(`seed ${seed}: ${found.join(', ')}`)
  expect(new Set(found)).toEqual(new Set(['export lost']))
}, 100_000)
