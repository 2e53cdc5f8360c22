import { NEVER, NONE } from '../behaviour/evaluate/moment.ts'
import type { Profile } from '../profile.ts'
import { AS_OF } from './cells.ts'
import type { CompiledDefinition } from './definition.ts'

/**
 * A profile that nobody needs at the moment, as one string of about a third of the size: one object for the collector of garbage
 * instead of a dozen. The string is bytes, one a character, then what is no number as JSON.
 *
 * A number of a page is written as what kind it is and how much of it: cells that stand as in the template (how many of them), `NONE` or
 * `NEVER`, a moment (before or after the newest input), or a plain number.
 */

const AS_TEMPLATE = 0
const NO_MOMENT = 1
const MOMENT = 2
const PLAIN = 3

/** The first byte holds the kind, the amount modulo 32, and whether there is more; the others seven bits each. */
const FIRST = 32
const OTHERS = 128
const MORE = 128

/** Moments are far from zero, whatever the calendar says; amounts are not. */
const FAR = 1e9

export function pack({ templates }: CompiledDefinition, profile: Profile): string {
  const { id, userId, traits, consent, timezone, tie, pages, lists, sends } = profile
  const bytes: number[] = []
  const base = baseOf(pages)
  for (const [index, template] of templates.entries()) {
    const page = pages[index] ?? template
    let same = 0
    for (let cell = 0; cell < page.length; cell += 1) {
      const value = page[cell] as number
      if (value === template[cell]) {
        same += 1
        continue
      }
      if (same > 0) write(bytes, AS_TEMPLATE, same)
      same = 0
      if (value === NONE || value === NEVER) write(bytes, NO_MOMENT, value === NONE ? 0 : 1)
      else if (Math.abs(value) > FAR) write(bytes, MOMENT, folded(base - value))
      else write(bytes, PLAIN, folded(value))
    }
    if (same > 0) write(bytes, AS_TEMPLATE, same)
  }
  return `${base} ${bytes.length} ${textOf(bytes)}${JSON.stringify([id, userId ?? 0, traits, consent, timezone ?? 0, tie, lists, sends])}`
}

export function unpack({ templates }: CompiledDefinition, packed: string): Profile {
  const space = packed.indexOf(' ')
  const base = Number(packed.slice(0, space))
  const start = packed.indexOf(' ', space + 1) + 1
  const end = start + Number(packed.slice(space + 1, start - 1))
  let at = start
  const pages = templates.map((template) => {
    const page = template.slice()
    for (let cell = 0; cell < page.length; ) {
      let byte = packed.charCodeAt(at)
      at += 1
      const kind = byte & 3
      let amount = (byte % MORE) >> 2
      for (let weight = FIRST; byte >= MORE; weight *= OTHERS) {
        byte = packed.charCodeAt(at)
        at += 1
        amount += (byte % MORE) * weight
      }
      if (kind === AS_TEMPLATE) {
        cell += amount
        continue
      }
      page[cell] = kind === NO_MOMENT ? (amount === 0 ? NONE : NEVER) : kind === MOMENT ? base - unfolded(amount) : unfolded(amount)
      cell += 1
    }
    return page
  })
  const [id, userId, traits, consent, timezone, tie, lists, sends] = JSON.parse(packed.slice(end)) as [
    string,
    string | 0,
    Profile['traits'],
    Profile['consent'],
    string | 0,
    string,
    Profile['lists'],
    Profile['sends'],
  ]
  return { id, userId: userId === 0 ? undefined : userId, traits, consent, timezone: timezone === 0 ? undefined : timezone, tie, pages, lists, sends }
}

function baseOf(pages: Profile['pages']): number {
  return pages[0]?.[AS_OF] ?? 0
}

/** Whole numbers as natural ones: 0, -1, 1, -2, 2, … */
function folded(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2
}

function unfolded(value: number): number {
  const half = Math.floor(value / 2)
  return half * 2 === value ? half : -half - 1
}

/** Halves of at most 28 bits: whole numbers of that size are much faster to take apart than longer ones. An amount is below 2^54. */
const LOW = 2 ** 26

function write(bytes: number[], kind: number, amount: number): void {
  const high = amount < LOW ? 0 : Math.floor(amount / LOW)
  let low = amount - high * LOW
  bytes.push((high > 0 || low >= FIRST ? MORE : 0) | ((low & (FIRST - 1)) << 2) | kind)
  low >>>= 5
  if (high === 0) {
    if (low > 0) writeRest(bytes, low)
    return
  }
  bytes.push(MORE | (low & 127), MORE | ((low >>> 7) & 127), MORE | (low >>> 14))
  writeRest(bytes, high)
}

function writeRest(bytes: number[], amount: number): void {
  let rest = amount
  for (; rest >= OTHERS; rest >>>= 7) bytes.push(MORE | (rest & 127))
  bytes.push(rest)
}

/** So many arguments a function takes anywhere. */
const AT_ONCE = 4_096

function textOf(bytes: readonly number[]): string {
  if (bytes.length <= AT_ONCE) return String.fromCharCode.apply(null, bytes as number[])
  let text = ''
  for (let from = 0; from < bytes.length; from += AT_ONCE) text += String.fromCharCode(...bytes.slice(from, from + AT_ONCE))
  return text
}
