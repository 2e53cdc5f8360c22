import { NEVER } from '../behaviour/evaluate/moment.ts'
import type { Truth } from '../behaviour/truth.ts'

/**
 * What a profile remembers of its past is numbers in cells, page by page: copying a page is copying a block of memory, and a
 * million idle profiles are a few arrays each.
 */

/** The first cells of page 0, what every profile has, begin with those of `Facts`. After them comes the next wake of each page. */
/** Ordinal of the session that the newest activity fell in; 0 before the first. */
export const SESSION = 2
/** The moment of the newest input; its tie is the profile's `tie`. */
export const AS_OF = 3
export const WAKES = 4

/** Truths stand side by side in the bits of a cell, two bits each. */
export const TRUTHS_A_CELL = 15

export function truthIn(cell: number, shift: number): Truth {
  return ((cell >> shift) & 3) as Truth
}

export function withTruth(cell: number, shift: number, truth: Truth): number {
  return (cell & ~(3 << shift)) | (truth << shift)
}

/** The earliest wake of so many pages, from the cells of page 0. */
export function nextWakeIn(header: readonly number[], pages: number): number {
  let wake = NEVER
  for (let page = 0; page < pages; page += 1) {
    const at = header[WAKES + page] as number
    if (at < wake) wake = at
  }
  return wake
}
