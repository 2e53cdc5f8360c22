import { append } from './buffer.ts'
import { addDecimal, compareDecimal, decimalOf, numberOf } from './decimal.ts'
import { NEVER } from './moment.ts'
import type { List } from './predicate.ts'

/**
 * Cells: the range of the list in use; the sum, and the sum from the pivot on, in ones and millionths; the pivot; how many amounts
 * are negative; the moment of the first entry, so that the list, somewhere else in memory, need not be looked at to see that
 * nothing has left.
 */
const RANGE = 0
const END = 1
const SUM = 2
const REST = 4
const PIVOT = 6
const NEGATIVES = 7
const OLDEST = 8
export const RUNNING_SUM: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, NEVER]

/** With negative amounts, entries looked through for the one that turns the answer; after so many it is asked again. */
const LOOKAHEAD = 32

type Cells = readonly number[]
type Entries = List | null | undefined

export interface RunningSum {
  add(cells: number[], lists: (List | null)[], at: number, amount: number): void
  /** Whether the sum at a moment is at least what is asked for, or more than it with `above`. */
  isReached(cells: Cells, entries: Entries, at: number): boolean
  /** When time alone next turns that, or may: `NEVER` if it cannot. */
  turnsAt(cells: Cells, entries: Entries, at: number): number
  value(cells: Cells, entries: Entries, at: number): number
}

/**
 * The sum of what lies in a sliding window, over the cells from `cell` on and one list of moments and amounts. As long as no amount
 * is negative the sum only falls as time goes: the pivot is the last entry without which it would not be reached, and the
 * moment that one leaves is when the answer turns. The pivot only moves forward, so an addition costs the same however much
 * there is.
 */
export function runningSum(cell: number, list: number, length: number, value: number, above: boolean): RunningSum {
  const target = decimalOf(value)

  function reaches(cells: Cells, at: number): boolean {
    const order = compareDecimal(cells[at] as number, cells[at + 1] as number, target)
    return above ? order > 0 : order >= 0
  }

  function leavesAt(entries: Entries, index: number, end: number): number {
    return index < end ? (entries?.[index] as number) + length : NEVER
  }

  /** Lets go of what has left by a moment. */
  function release(cells: number[], from: number, entries: Entries, until: number): void {
    while ((cells[from + OLDEST] as number) + length <= until) {
      const start = (cells[from + RANGE] as number) + 2
      const amount = entries?.[start - 1] as number
      addDecimal(cells, from + SUM, amount, -1)
      if (amount < 0) cells[from + NEGATIVES] = (cells[from + NEGATIVES] as number) - 1
      cells[from + RANGE] = start
      cells[from + OLDEST] = start < (cells[from + END] as number) ? (entries?.[start] as number) : NEVER
    }
  }

  function movePivot(cells: number[], entries: List): void {
    const start = cells[cell + RANGE] as number
    if ((cells[cell + PIVOT] as number) < start) {
      cells[cell + PIVOT] = start
      cells[cell + REST] = cells[cell + SUM] as number
      cells[cell + REST + 1] = cells[cell + SUM + 1] as number
    }
    // Without the pivot there is less: where there is not enough with it, it stays.
    if (!reaches(cells, cell + REST)) return
    while ((cells[cell + PIVOT] as number) < (cells[cell + END] as number)) {
      const amount = entries[(cells[cell + PIVOT] as number) + 1] as number
      addDecimal(cells, cell + REST, amount, -1)
      if (!reaches(cells, cell + REST)) {
        addDecimal(cells, cell + REST, amount, 1)
        return
      }
      cells[cell + PIVOT] = (cells[cell + PIVOT] as number) + 2
    }
  }

  /** The sum's cells as they are at a moment: what has left since is taken off a copy. */
  function sumAt(cells: Cells, entries: Entries, at: number): number[] {
    const sum = cells.slice(cell, cell + RUNNING_SUM.length)
    release(sum, 0, entries, at)
    return sum
  }

  return {
    add(cells, lists, at, amount) {
      release(cells, cell, lists[list], at)
      const start = cells[cell + RANGE] as number
      const entries = append(cells, cell + RANGE, lists[list], at, amount)
      lists[list] = entries
      if (cells[cell + OLDEST] === NEVER) cells[cell + OLDEST] = at
      cells[cell + PIVOT] = (cells[cell + PIVOT] as number) - (start - (cells[cell + RANGE] as number))
      addDecimal(cells, cell + SUM, amount, 1)
      addDecimal(cells, cell + REST, amount, 1)
      if (amount < 0) cells[cell + NEGATIVES] = (cells[cell + NEGATIVES] as number) + 1
      movePivot(cells, entries)
    },
    isReached(cells, entries, at) {
      if ((cells[cell + NEGATIVES] as number) > 0) return reaches(sumAt(cells, entries, at), SUM)
      return reaches(cells, cell + SUM) && at < leavesAt(entries, cells[cell + PIVOT] as number, cells[cell + END] as number)
    },
    turnsAt(cells, entries, at) {
      if (cells[cell + NEGATIVES] === 0) {
        const turns = leavesAt(entries, cells[cell + PIVOT] as number, cells[cell + END] as number)
        return reaches(cells, cell + SUM) && at < turns ? turns : NEVER
      }
      const sum = sumAt(cells, entries, at)
      const reached = reaches(sum, SUM)
      for (let looked = 1; ; looked += 1) {
        if (sum[OLDEST] === NEVER) return NEVER
        const leaves = (sum[OLDEST] as number) + length
        release(sum, 0, entries, leaves)
        if (reaches(sum, SUM) !== reached || looked === LOOKAHEAD) return leaves
      }
    },
    value(cells, entries, at) {
      const sum = sumAt(cells, entries, at)
      return numberOf(sum[SUM] as number, sum[SUM + 1] as number)
    },
  }
}
