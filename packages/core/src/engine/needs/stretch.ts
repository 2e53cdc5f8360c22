import type { CanonicalEvent } from '../../event.ts'

/**
 * Events of one person that stay together whatever is merged and unmerged, in event order, of which some may go. Others of the same person may come
 * to stand between them, and before them.
 */
export interface Stretch {
  readonly events: readonly CanonicalEvent[]
  /** How many of them, from the beginning, are old enough to go at all. */
  readonly old: number
  /** From this moment on everything is to read as it would with all of them. */
  readonly from: number
  /** By their places: whether one is needed. Those who need one set it. */
  readonly kept: boolean[]
}

/** Keeps of a stretch what one reading of it needs. */
export type Keeper = (stretch: Stretch) => void

export type Matches = (event: CanonicalEvent) => boolean

/** All that match. */
export function keepAll(matches: Matches): Keeper {
  return keepWhile(() => matches)
}

/** Each for which it says so, asked in order. */
export function keepWhile(begin: (stretch: Stretch) => Matches): Keeper {
  return (stretch) => {
    const isNeeded = begin(stretch)
    for (let index = 0; index < stretch.old; index += 1) if (isNeeded(stretch.events[index] as CanonicalEvent)) stretch.kept[index] = true
  }
}

/** Those of the last `back` milliseconds: windows that slide look no further. */
export function keepBack(matches: Matches, back: number): Keeper {
  return keepWhile(
    ({ from }) =>
      (event) =>
        event.timestamp >= from - back && matches(event),
  )
}

/**
 * What later ones take the place of: those of the last `back` milliseconds, and of the others each that says something which no later one of them says.
 * `said` gives what an event speaks of: an empty list where of nothing.
 */
export function keepNewest(said: (event: CanonicalEvent) => readonly string[], back: number): Keeper {
  return ({ events, old, from, kept }) => {
    const later = new Set<string>()
    for (let index = old - 1; index >= 0; index -= 1) {
      const event = events[index] as CanonicalEvent
      const subjects = said(event)
      if (subjects.length === 0) continue
      if (event.timestamp >= from - back || subjects.some((subject) => !later.has(subject))) kept[index] = true
      if (event.timestamp < from - back) for (const subject of subjects) later.add(subject)
    }
  }
}
