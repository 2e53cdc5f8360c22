import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { PLANTED } from './planted.ts'
import type { Found } from './search.ts'

/**
 * Runs worlds of seeds in a row, in a process of its own: `search-process.ts <from> <count> [<number of a planted fault>]`. Says a
 * line of JSON for each; with a planted fault it ends with the first world in which a promise is broken.
 */
const [from = 0, count = 0, number] = process.argv.slice(2).map(Number)
const planted = number === undefined ? undefined : PLANTED[number]
const patch = planted?.patch
if (patch !== undefined) {
  let isPatched = false
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!url.endsWith(patch.file)) return loaded
      const source = readFileSync(fileURLToPath(url), 'utf8')
      if (!source.includes(patch.find)) throw new Error(`${patch.file} no longer has "${patch.find}": mend the patch of '${planted?.name}'`)
      isPatched = true
      return { ...loaded, source: source.replace(patch.find, patch.replace) }
    },
  })
  process.on('exit', () => {
    if (!isPatched) throw new Error(`nothing loads ${patch.file}: mend the patch of '${planted?.name}'`)
  })
}

const { simulate } = await import('@waymark/testkit/simulation')
const { product } = await import('./product.ts')
for (let seed = from; seed < from + count; seed += 1) {
  const plant = planted?.plant === undefined ? {} : { plant: planted.plant }
  const { violations, hash, counts } = await simulate({ ...product, ...plant, seed })
  const found: Found = { seed, hash, violations, counts: { ...counts, faults: [...counts.faults.values()].reduce((sum, one) => sum + one, 0) } }
  console.log(JSON.stringify(found))
  if (planted !== undefined && violations.length > 0) break
}
