import type { CanonicalEvent, Engine, LogEntry } from '@waymark/core'
import { byEvent } from '@waymark/core/store-kit'

/**
 * Which event entries nobody will miss, by `seq`: of what happened and came in before `horizon`, what the engine can do without, but for what says which
 * ids first came together. `entries` may be any that came under their names: what stays together, whoever is merged and taken apart, is judged together.
 */
export function droppable(engine: Engine, entries: readonly LogEntry[], horizon: number): readonly number[] {
  const isPast = ({ now }: LogEntry) => now < horizon
  return [...Map.groupBy(entries, togetherWith).values()].flatMap((own) => {
    const [first] = own
    // What names nobody is there for the sinks, which have it.
    if (first === undefined || first.profile === '') return own.filter((entry) => isPast(entry) && eventOf(entry).timestamp < horizon).map(({ seq }) => seq)
    const inOrder = own.toSorted(byEvent)
    const needless = engine.needless(inOrder.map(eventOf), horizon)
    const introduces = introductions(own)
    return inOrder.filter((entry, index) => needless[index] && isPast(entry) && !introduces.has(entry.seq)).map(({ seq }) => seq)
  })
}

function eventOf({ input }: LogEntry): CanonicalEvent {
  return (input as LogEntry['input'] & { readonly kind: 'event' }).event
}

/** An event that names the user stays the user's, others stay the visitor's. */
function togetherWith(entry: LogEntry): string {
  const { userId, anonymousId } = eventOf(entry)
  return JSON.stringify([entry.profile, userId ?? null, userId === undefined ? anonymousId : null])
}

/** The first that came in with each anonymous id beside the user's: an unmerge goes by it. */
function introductions(entries: readonly LogEntry[]): ReadonlySet<number> {
  const first = new Map<string, number>()
  for (const entry of entries) {
    const { userId, anonymousId } = eventOf(entry)
    if (userId === undefined || anonymousId === undefined) continue
    first.set(anonymousId, Math.min(entry.seq, first.get(anonymousId) ?? entry.seq))
  }
  return new Set(first.values())
}
