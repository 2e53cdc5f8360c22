import type { Engine, WaymarkConfig } from '@waymark/core'
import type { Profiles } from './profiles.ts'

export interface Census {
  readonly profiles: number
  /** Profiles whose segment is not settled are in none of its members. */
  readonly segments: Record<string, Record<string, number>>
}

const AT_ONCE = 1_000

/** Counts everybody, those in memory and those put away. */
export async function takeCensus({ store, segments = [] }: WaymarkConfig, engine: Engine, profiles: Profiles): Promise<Census> {
  const counts: Census['segments'] = Object.fromEntries(segments.map(({ id, members }) => [id, Object.fromEntries(members.map(({ name }) => [name, 0]))]))
  const ids = await store.profileIds()
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = await store.transaction((tx) => profiles.load(ids.slice(from, from + AT_ONCE), tx))
    for (const { profile } of some.values()) {
      for (const { segment, member } of engine.memberships(profile)) {
        const count = counts[segment]
        if (count !== undefined) count[member] = (count[member] ?? 0) + 1
      }
    }
  }
  return { profiles: ids.length, segments: counts }
}
