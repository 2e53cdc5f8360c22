import type { Store } from '@waymark/core'
import { entry } from './samples.ts'

/** For a process that is to be killed: transactions of ten entries, each in two halves with time between them. Tells of each that is written. */
export async function writeForEver(store: Store, tell: (round: number) => void): Promise<never> {
  for (let round = 1; ; round += 1) {
    await store.transaction(async (tx) => {
      const five = Array.from({ length: 5 }, () => entry(`u${round}`, { properties: { round, filler: 'x'.repeat(500) } }))
      await tx.append(five)
      await tx.setCursor('round', String(round))
      await new Promise((resolve) => setTimeout(resolve, 1))
      await tx.append(five)
      await tx.link([`user:u${round}`], `u${round}`)
    })
    tell(round)
  }
}
