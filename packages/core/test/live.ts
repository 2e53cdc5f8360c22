import { blueprintOf } from '../src/behaviour/evaluate/blueprint.ts'
import { NEVER, NONE } from '../src/behaviour/evaluate/moment.ts'
import { type Blueprint, FIRST_SEEN, LAST_ACTIVE, type Lists, type Trigger } from '../src/behaviour/evaluate/predicate.ts'
import type { Truth } from '../src/behaviour/truth.ts'
import { type CanonicalEvent, isActivity } from '../src/event.ts'
import type { JsonObject } from '../src/json.ts'

const DAY = 86_400_000

/** What one predicate keeps, among what others keep, after some events. A step makes a new one and leaves the old one as it was. */
export interface Version {
  readonly cells: readonly number[]
  readonly lists: Lists
  readonly header: readonly number[]
  readonly traits: JsonObject
  readonly session: number
  /** Looked at again only when something says that it may be another. */
  readonly truth: Truth
  /** Whether the newest event was any concern of it. */
  readonly isConcerned: boolean
}

export interface Said {
  readonly truth: Truth
  /** `NEVER` where time alone changes nothing. */
  readonly wake: number
  readonly value: number | undefined
}

/** One predicate read live by itself: it is told what the engine would tell it, and looked at when the engine would look. */
export interface Live {
  readonly blueprint: Blueprint
  readonly start: Version
  step(version: Version, event: CanonicalEvent): Version
  /** At a moment no earlier than the newest event. */
  read(version: Version, at: number): Said
  /** Whether or not anything says that it may be another. */
  look(version: Version, at: number): Truth
}

/** A moment later than any, so that counting it is noticed. */
const LATE = 8.5e15
const FOREIGN_LIST: readonly number[] = [LATE]
const TIMER = 1
const CELL = 3
const LIST = 2

/** `foreign` is what others keep before and behind its cells. */
export function live(predicate: Parameters<typeof blueprintOf>[0], sessionGap: number, foreign: number = LATE): Live {
  const blueprint = blueprintOf(predicate)
  const { observe, read, value } = blueprint.at({ cell: CELL, list: LIST, timer: TIMER })
  const start: Version = {
    cells: [foreign, NEVER, foreign, ...blueprint.fresh, foreign, foreign],
    lists: [FOREIGN_LIST, FOREIGN_LIST, ...Array.from({ length: blueprint.lists }, () => null), FOREIGN_LIST],
    header: [NONE, NONE],
    traits: {},
    session: 0,
    truth: blueprint.initial,
    isConcerned: false,
  }

  function lookedAt(version: Version, at: number): Version {
    const cells = version.cells.slice()
    const truth = read(cells, version.lists, at, version)
    if (cells.some((cell, index) => index !== TIMER && cell !== version.cells[index])) throw new Error('looking at it changed more than its timer')
    return { ...version, cells, truth }
  }

  /** What falls due until a moment, each at its own. */
  function advanced(version: Version, until: number): Version {
    let now = version
    for (let wake = now.cells[TIMER] as number; wake <= until; wake = now.cells[TIMER] as number) {
      now = lookedAt(now, wake)
      if ((now.cells[TIMER] as number) <= wake) throw new Error('it wakes for ever')
    }
    return now
  }

  function keepToTheirOwn(cells: readonly number[], lists: Lists): void {
    const end = CELL + blueprint.fresh.length
    const others = [cells[0], cells[2], cells[end], cells[end + 1]]
    const otherLists = [lists[0], lists[1], lists[LIST + blueprint.lists]]
    if (others.some((cell) => cell !== foreign) || otherLists.some((list) => list !== FOREIGN_LIST) || cells.length !== start.cells.length)
      throw new Error('it wrote where others keep theirs')
    if (cells.some((cell) => !Number.isFinite(cell))) throw new Error('it keeps what is no number')
  }

  return {
    blueprint,
    start,
    step(version, event) {
      const at = event.timestamp
      const isFirst = version.header[FIRST_SEEN] === NONE
      const before = advanced(version, at - 1)
      const header = before.header.slice()
      const last = header[LAST_ACTIVE] as number
      const isActive = isActivity(event)
      const session = before.session + Number(isActive && (last === NONE || at - last > sessionGap))
      if (isFirst) header[FIRST_SEEN] = at
      if (isActive) header[LAST_ACTIVE] = at
      const traits = event.type === 'identify' ? { ...before.traits, ...event.traits } : before.traits
      const cells = before.cells.slice()
      const lists = before.lists.slice()
      const isHeard = hears(blueprint.hears, event)
      const isConcerned = isHeard && observe(cells, lists, { event, at, session, day: Math.floor(at / DAY) }, { header, traits })
      keepToTheirOwn(cells, lists)
      const next = { ...before, cells, lists, header, traits, session, isConcerned }
      return isConcerned || (isFirst && blueprint.isEager) || (cells[TIMER] as number) <= at ? lookedAt(next, at) : next
    },
    read(version, at) {
      const now = advanced(version, at)
      return { truth: now.truth, wake: now.cells[TIMER] as number, value: value(now.cells, now.lists, at, now) }
    },
    look: (version, at) => lookedAt(version, at).truth,
  }
}

function hears(trigger: Trigger, event: CanonicalEvent): boolean {
  if (trigger === 'traits') return event.type === 'identify'
  return trigger === 'activity' ? isActivity(event) : event.event !== undefined && trigger.events.includes(event.event)
}
