import { type CanonicalEvent, definePlan, defineWaymark, type Plugin } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import { FAULTS, type SimulationOptions, shrink, simulate } from '@waymark/testkit/simulation'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { PLANTED } from './planted.ts'
import { product } from './product.ts'

const plan = definePlan({
  events: { opened: z.object({}), created: z.object({ kind: z.enum(['note', 'list']), words: z.number() }) },
  traits: z.object({}),
})
const { did } = plan.behaviour
const store = () => sqlite(':memory:')

/** What a team has: a plan, a rule, and a plugin of its own. */
function teamWith(plugin: Plugin): Omit<SimulationOptions, 'seed'> {
  const rules = [plan.rule('more', { when: did('created', { kind: 'note' }).atLeast(2), send: { channel: 'pager', kind: 'page', content: {} } })]
  const config = defineWaymark({ plan, rules, plugins: [plugin], store: store() })
  return { config, store, deploys: 0, examples: { created: (random) => ({ kind: random.pick(['note', 'list']), words: random.between(1, 9) }) } }
}

function pager(): Plugin & { readonly pages: string[]; readonly copies: string[] } {
  const pages: string[] = []
  const copies: string[] = []
  return {
    name: 'pager',
    purpose: 'essential',
    pages,
    copies,
    channel: {
      name: 'pager',
      reach: 'inside',
      dedup: { windowMs: Number.POSITIVE_INFINITY },
      async send({ key }) {
        pages.push(key)
        return { status: 'sent' }
      },
    },
    sink: {
      async deliver(events: readonly CanonicalEvent[]) {
        copies.push(...events.map(({ messageId }) => messageId))
        return events.map(() => ({ status: 'delivered' }))
      },
    },
  }
}

describe("a team's own config", () => {
  it('is simulated with its plan and rules, and reaches nobody', async () => {
    const plugin = pager()
    const worlds = await Promise.all([1, 2, 3, 4, 5].map((seed) => simulate({ ...teamWith(plugin), seed })))
    expect(worlds.flatMap(({ violations }) => violations)).toEqual([])
    expect(worlds.reduce((sum, { counts }) => sum + counts.messages, 0)).toBeGreaterThan(0)
    expect([...plugin.pages, ...plugin.copies]).toEqual([])
  })

  it('may have plugins that are called themselves', async () => {
    const plugin = pager()
    for (const seed of [1, 2, 3]) expect((await simulate({ ...teamWith(plugin), seed, asTheyAre: ['pager'] })).violations).toEqual([])
    expect(plugin.pages.length).toBeGreaterThan(0)
    expect(plugin.copies.length).toBeGreaterThan(0)
  })

  it('is refused with the name of an event when nothing says what its properties are', async () => {
    const { examples: _, ...bare } = teamWith(pager())
    await expect(simulate({ ...bare, seed: 1 })).rejects.toMatchObject({ code: 'EXAMPLES_MISSING', message: expect.stringContaining("'created'") })
  })
})

describe('a world', () => {
  afterEach(() => vi.restoreAllMocks())

  it('is all there is for the host: it asks nothing real for time or chance', async () => {
    const places: string[] = []
    const real = { now: Date.now, random: Math.random, timeout: globalThis.setTimeout, interval: globalThis.setInterval, immediate: globalThis.setImmediate }
    const noted = <T extends (...values: never[]) => unknown>(name: string, original: T): T =>
      ((...values: never[]) => {
        const caller = new Error(name).stack?.split('\n').find((line) => /packages\/(host|core|store-sqlite)\/src/.test(line))
        if (caller !== undefined) places.push(`${name} ${caller.trim()}`)
        return original(...values)
      }) as T
    vi.spyOn(Date, 'now').mockImplementation(noted('Date.now', real.now))
    vi.spyOn(Math, 'random').mockImplementation(noted('Math.random', real.random))
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(noted('setTimeout', real.timeout) as never)
    vi.spyOn(globalThis, 'setInterval').mockImplementation(noted('setInterval', real.interval) as never)
    vi.spyOn(globalThis, 'setImmediate').mockImplementation(noted('setImmediate', real.immediate) as never)
    for (const seed of [1, 2, 3]) await simulate({ ...product, seed })
    expect([...new Set(places)]).toEqual([])
  })

  it('that breaks a promise is made smaller, and breaks it still', async () => {
    const [planted] = PLANTED
    const options: SimulationOptions = { ...product, seed: 8, plant: planted?.plant as NonNullable<SimulationOptions['plant']> }
    const simulation = await simulate(options)
    const [violation] = simulation.violations
    expect(violation?.check).toBe('event lost')
    const { simulation: smaller, without } = await shrink(options, simulation)
    expect(smaller.violations.map(({ check }) => check)).toContain('event lost')
    expect(smaller.trace.length).toBeLessThan(simulation.trace.length / 3)
    expect(without.faults.length).toBeGreaterThan(FAULTS.length / 2)
    expect((await simulate({ ...options, without })).hash).toBe(smaller.hash)
    console.log(`a trace of ${simulation.trace.length} lines was made ${smaller.trace.length}`)
  }, 120_000)
})
