import { append } from './buffer.ts'
import { NONE } from './moment.ts'
import type { List, Lists } from './predicate.ts'

/**
 * The newest `most` of something with the moment of each: enough to say, at any moment, whether so many lie in a window that
 * slides. That ends when the oldest of them leaves, and `nth` is that one's moment.
 */
export interface Newest {
  readonly fresh: readonly number[]
  readonly lists: number
  add(cells: number[], at: number, lists: (List | null)[], list: number, moment: number, value: number | string): void
  /** Moment of the oldest when there are `most` of them, else `NONE`. */
  nth(cells: readonly number[], at: number, lists: Lists, list: number): number
  /** How many are later than `after`. */
  count(cells: readonly number[], at: number, lists: Lists, list: number, after: number): number
}

/** Up to this many moments stand in cells of their own; more in a list. */
const IN_CELLS = 8

export function newestEvents(most: number): Newest {
  return most <= IN_CELLS ? momentsInCells(most) : momentsInList(most)
}

/** Cells: the moments, oldest first; those not there yet are `NONE`, in front. */
function momentsInCells(most: number): Newest {
  return {
    ...momentsOf(most),
    lists: 0,
    add(cells, at, _, __, moment) {
      const last = at + most - 1
      for (let index = at; index < last; index += 1) cells[index] = cells[index + 1] as number
      cells[last] = moment
    },
  }
}

function momentsOf(most: number): Pick<Newest, 'fresh' | 'nth' | 'count'> {
  return {
    fresh: Array.from({ length: most }, () => NONE),
    nth: (cells, at) => cells[at] as number,
    count(cells, at, _, __, after) {
      let count = 0
      while (count < most && (cells[at + most - 1 - count] as number) > after) count += 1
      return count
    },
  }
}

/** Cells: the range of the list in use. The list: the moments, oldest first. */
function momentsInList(most: number): Newest {
  return {
    fresh: [0, 0],
    lists: 1,
    add(cells, at, lists, list, moment) {
      lists[list] = append(cells, at, lists[list], moment)
      if ((cells[at + 1] as number) - (cells[at] as number) > most) cells[at] = (cells[at] as number) + 1
    },
    nth: (cells, at, lists, list) => ((cells[at + 1] as number) - (cells[at] as number) < most ? NONE : (lists[list]?.[cells[at] as number] as number)),
    count(cells, at, lists, list, after) {
      const start = cells[at] as number
      let index = cells[at + 1] as number
      while (index > start && (lists[list]?.[index - 1] as number) > after) index -= 1
      return (cells[at + 1] as number) - index
    },
  }
}

/** Different sessions or days; they come in order, so a value that was there before is the newest one. Cells: value and moment of each, oldest first. */
export function newestUnits(most: number): Newest {
  if (most > IN_CELLS) return newestValues(most)
  return {
    fresh: Array.from({ length: most }, () => [NONE, NONE]).flat(),
    lists: 0,
    add(cells, at, _, __, moment, value) {
      const last = at + most * 2 - 2
      if (cells[last] !== value) {
        for (let index = at; index < last; index += 1) cells[index] = cells[index + 2] as number
        cells[last] = value as number
      }
      cells[last + 1] = moment
    },
    nth: (cells, at) => cells[at + 1] as number,
    count(cells, at, _, __, after) {
      let count = 0
      while (count < most && (cells[at + (most - count) * 2 - 1] as number) > after) count += 1
      return count
    },
  }
}

/** Different values. Cells: the moment each was last seen, oldest first. The list: the values in the same order, replaced when that changes. */
export function newestValues(most: number): Newest {
  const { fresh, nth, count } = momentsOf(most)
  const last = most - 1
  return {
    fresh,
    lists: 1,
    nth,
    count,
    add(cells, at, lists, list, moment, value) {
      const values = lists[list] ?? NO_VALUES
      const newest = values.length - 1
      if (newest >= 0 && values[newest] === value) {
        cells[at + last] = moment
        return
      }
      // Its old place is closed, or the oldest gives way, or the last of those not there yet, which stand before it in the cells.
      let gone = values.indexOf(value)
      const isNew = gone < 0
      if (isNew) gone = values.length < most ? -1 : 0
      lists[list] = gone < 0 ? values.concat(value) : closed(values, gone, value)
      const from = most - values.length + gone
      for (let index = from; index < last; index += 1) cells[at + index] = cells[at + index + 1] as number
      cells[at + last] = moment
    },
  }
}

/** The values without the one at `gone`, and `value` at the end: of the same length, so that no room is left over. */
function closed(values: List, gone: number, value: number | string): List {
  const next = values.slice()
  for (let index = gone; index < next.length - 1; index += 1) next[index] = values[index + 1] as number | string
  next[next.length - 1] = value
  return next
}

const NO_VALUES: List = []
