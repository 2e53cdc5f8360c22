import { totalmem } from 'node:os'
import { startChild } from '../child.ts'
import { compared, type Measurement, median } from '../measure.ts'
import { EVENTS, type Population } from './population.ts'

const MANY = 1_000_000
const FEW = 10_000
const ROUNDS = 5
const MOST_BYTES = 1_024

/** Two processes with a population each, whose rounds take turns. What is idle is weighed before the first round. */
export const profiles: Measurement = {
  rows: [
    {
      name: 'engine.profiles_1m_vs_10k',
      compares: "20 mixed conditions over NDJSON, parsing included, users at random among 1,000,000 profiles in the host's memory / among 10,000",
      target: { atLeast: 0.7 },
    },
    {
      name: 'engine.bytes_per_profile',
      compares: 'growth of the resident memory by each of 1,000,000 idle profiles of 5 to 10 events, 20 mixed conditions / 1 KiB',
      target: { atMost: 1 },
    },
    { name: 'engine.heap_bytes_per_profile', compares: 'the same, of the used JavaScript heap alone' },
  ],
  async run() {
    const heap = Math.floor(Math.min(12_288, (totalmem() / 2 ** 20) * 0.7))
    const [many, few] = [MANY, FEW].map((users) =>
      startChild<Population>(`${import.meta.dirname}/profiles-process.ts`, [String(users)], ['--expose-gc', `--max-old-space-size=${heap}`]),
    ) as [ReturnType<typeof startChild<Population>>, ReturnType<typeof startChild<Population>>]
    try {
      await few.ask('build')
      const { rss, heapUsed } = await many.ask('build')
      const seconds: Record<'many' | 'few', number[]> = { many: [], few: [] }
      for (let round = 0; round <= ROUNDS; round += 1) {
        const ofMany = (await many.ask('round')).seconds
        const ofFew = (await few.ask('round')).seconds
        // The first round warms up.
        if (round === 0) continue
        seconds.many.push(ofMany)
        seconds.few.push(ofFew)
      }
      return [
        compared('engine.profiles_1m_vs_10k', EVENTS / median(seconds.many), EVENTS / median(seconds.few)),
        compared('engine.bytes_per_profile', rss / MANY, MOST_BYTES, 'bytes'),
        compared('engine.heap_bytes_per_profile', heapUsed / MANY, MOST_BYTES, 'bytes'),
      ]
    } finally {
      many.end()
      few.end()
    }
  },
}
