export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is compared with, in the same unit, from the same run. */
  readonly baseline: number
  readonly ratio: number
}

/** Runs the contenders in turn, round after round, so that whatever else the machine does meets them all; the median counts. */
export async function perSecond(rounds: number, count: number, contenders: Readonly<Record<string, () => unknown>>): Promise<Record<string, number>> {
  const seconds: Record<string, number[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, run] of Object.entries(contenders)) {
      const start = performance.now()
      await run()
      // The first round warms up.
      if (round > 0) seconds[name]?.push((performance.now() - start) / 1_000)
    }
  }
  return Object.fromEntries(
    Object.entries(seconds).map(([name, times]) => [name, count / (times.sort((a, b) => a - b)[Math.floor(times.length / 2)] as number)]),
  )
}

export function compared(name: string, value: number, baseline: number): Row {
  return { name, value: Math.round(value), unit: 'events/s', baseline: Math.round(baseline), ratio: Number((value / baseline).toFixed(3)) }
}
