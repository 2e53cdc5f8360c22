import { agrees, type CanonicalEvent, type LogEntry, type Plugin, type Store, type WaymarkConfig } from '@waymark/core'
import { keysOf } from './identity.ts'
import { kindOf } from './learned.ts'
import type { Profiles } from './profiles.ts'
import { type Erased, namesErased } from './tombstones.ts'

/** A part of the log for one sink: its events, and the log entry up to which there are no others. */
export interface Page {
  readonly events: readonly CanonicalEvent[]
  readonly upTo: number
}

/** What of the log is for one sink. */
export interface SinkPages {
  /** The next of at most `size` events after a log entry; undefined at the end of the log. */
  read(after: number, size: number): Promise<Page | undefined>
  /** Those whose user, as known now, agrees to what the plugin is for and was not erased. */
  consenting(events: readonly CanonicalEvent[]): Promise<readonly CanonicalEvent[]>
}

/** Log entries read at a time. */
const READ = 500

export function createSinkPages(
  plugin: Plugin & { readonly sink: NonNullable<Plugin['sink']> },
  { store, profiles, config, erased }: { readonly store: Store; readonly profiles: Profiles; readonly config: WaymarkConfig; readonly erased: Erased },
): SinkPages {
  const learned = new Set(plugin.sink.learned)
  const names = [plugin.name, ...(plugin.sink.integrations ?? [])]
  /** What was read beyond the newest page, which ended at `reached`: the log only grows. */
  let ahead: readonly LogEntry[] = []
  let reached = 0

  function isMeantFor(event: CanonicalEvent): boolean {
    const named = names.map((one) => event.integrations[one]).find((choice) => choice !== undefined && choice !== null)
    if (named === false || (named === undefined && event.integrations['All'] === false)) return false
    return event.source !== plugin.name && !event.source.startsWith(`${plugin.name}:`)
  }

  return {
    async read(after, size) {
      const entries = reached === after && ahead.length >= size ? ahead : await store.log(after, READ)
      if (entries.length === 0) return undefined
      const events: CanonicalEvent[] = []
      let upTo = after
      for (const { seq, input } of entries) {
        upTo = seq
        if (input.kind !== 'event' && (input.kind !== 'learned' || !learned.has(kindOf(input.event)))) continue
        const event = isMeantFor(input.event) ? erased.without(input.event) : undefined
        if (event !== undefined) events.push(event)
        if (events.length === size) break
      }
      ahead = entries.filter(({ seq }) => seq > upTo)
      reached = upTo
      return { events, upTo }
    },
    async consenting(events) {
      if (events.length === 0) return events
      return store.transaction(async (tx) => {
        const owners = await tx.profilesOf(events.flatMap(keysOf))
        const ownerOf = (event: CanonicalEvent) => keysOf(event).flatMap((key) => owners.get(key) ?? [])[0] ?? ''
        const held = await profiles.load([...new Set(events.map(ownerOf))], tx)
        return events.filter(
          (event) => !namesErased(event, erased) && agrees(held.get(ownerOf(event))?.profile.consent ?? {}, plugin.purpose, config.governance?.consent),
        )
      })
    },
  }
}
