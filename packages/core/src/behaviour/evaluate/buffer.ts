import type { List } from './predicate.ts'

/** Up to this length a list is copied when it grows: growing it in place leaves room for more than most users ever do. */
const SMALL = 24
/** Entries let go before what is left is copied to begin anew. */
const SLACK = 128

/**
 * Appends to a list of which `cells[range]` to `cells[range + 1]` is in use. Letting go is moving the range's beginning.
 *
 * Constant time, and what was there stays as it was: each version of the list is a range of one array, and only the version that
 * reaches the array's end grows it in place; an older one copies what is its own. So a step costs the same however much a window holds.
 */
export function append(cells: number[], range: number, list: List | null | undefined, first: number, second?: number): List {
  const start = cells[range] as number
  const end = cells[range + 1] as number
  let array = (list ?? undefined) as number[] | undefined
  if (array === undefined || array.length !== end || (start > SLACK && start * 2 > end)) {
    array = array === undefined ? [] : array.slice(start, end)
    cells[range] = 0
  }
  if (array.length < SMALL) array = array.concat(second === undefined ? first : [first, second])
  else {
    array.push(first)
    if (second !== undefined) array.push(second)
  }
  cells[range + 1] = array.length
  return array
}
