import { WaymarkError } from './errors.ts'

/** A whole or decimal number with its unit: `'30m'`, `'48h'`, `'7d'`, `'2w'`. A day is always 24 hours. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Milliseconds of a duration. Throws `DURATION_INVALID` for anything that is not a positive duration. */
export function milliseconds(duration: Duration): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(duration)
  const length = match ? Number(match[1]) * (UNITS[match[2] as string] as number) : 0
  if (!Number.isSafeInteger(length) || length <= 0) {
    throw new WaymarkError('DURATION_INVALID', `'${duration}' is not a duration longer than zero`, {
      mend: "write a number and a unit, for example '30m', '48h' or '7d'",
    })
  }
  return length
}

/** The shortest exact way to write a length of time: 172800000 is `48h`, 604800000 is `7d`. */
export function formatDuration(length: number): string {
  if (length % 86_400_000 === 0 && length > 172_800_000) return `${length / 86_400_000}d`
  if (length % 3_600_000 === 0) return `${length / 3_600_000}h`
  if (length % 60_000 === 0) return `${length / 60_000}m`
  return length % 1_000 === 0 ? `${length / 1_000}s` : `${length}ms`
}
