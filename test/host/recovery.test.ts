import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { configOn, profilesIn, step, take } from './random-life.ts'
import { START, type World, world } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-recovery-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('from the log alone gives the profiles and the ledger that the running host has', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat({ max: 24 }), async (steps, checkpointAfter) => {
      run += 1
      const file = join(folder, `live-${run}.db`)
      const copy = join(folder, `copy-${run}.db`)
      const clock = virtualClock(START)
      let live: World = await world({ config: configOn(sqlite(file)), clock })
      for (const [index, next] of steps.entries()) {
        await take(live, next)
        if (index === checkpointAfter) {
          await live.host.close()
          live = await world({ config: configOn(sqlite(file)), clock })
        }
      }
      // What a crash would leave: the files as they are, with no checkpoint written.
      for (const suffix of ['', '-wal']) if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix)
      const ledger = await live.host.config.store.decisions({})
      await live.host.close()

      const recovered = await world({ config: configOn(sqlite(copy)), clock })
      expect(await recovered.host.config.store.decisions({})).toEqual(ledger)
      await recovered.host.close()
      expect(await profilesIn(sqlite(copy))).toEqual(await profilesIn(sqlite(file)))
    }),
    { numRuns: 150 },
  )
}, 120_000)
