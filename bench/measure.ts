export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is compared with, in the same unit, from the same run. */
  readonly baseline: number
  /** `value / baseline`. */
  readonly ratio: number
}

/** What a row's ratio is to reach; a row without one only informs. */
export type Target = { readonly atLeast: number } | { readonly atMost: number }

/** Something that is measured in one go and gives one or more rows. */
export interface Measurement {
  readonly rows: readonly { readonly name: string; readonly compares: string; readonly target?: Target }[]
  readonly run: () => Promise<readonly Row[]>
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
  return Object.fromEntries(Object.entries(seconds).map(([name, times]) => [name, count / median(times)]))
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

export function compared(name: string, value: number, baseline: number, unit = 'events/s'): Row {
  return { name, value: Math.round(value), unit, baseline: Math.round(baseline), ratio: Number((value / baseline).toFixed(3)) }
}

export function isReached(ratio: number, target: Target): boolean {
  return 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost
}
