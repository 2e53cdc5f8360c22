import type { Json } from './json.ts'
import type { Subject } from './plugin/eraser.ts'

/**
 * `waiting`: the plugin has not been asked yet, or is to be asked again. `requested`: its vendor has taken it down. `confirmed`: it is done.
 * `failed`: a person has to look.
 */
export type ErasureState = 'waiting' | 'requested' | 'confirmed' | 'failed'

/** What one plugin was asked to forget of one person and what came of it: the job first, and then its receipt. Times in epoch milliseconds. */
export interface Erasure {
  readonly id: number
  /** A keyed hash: the same person under the same store, and nobody to anyone else. */
  readonly person: string
  readonly plugin: string
  readonly state: ErasureState
  readonly askedAt: number
  /** When it should be done by. */
  readonly dueBy: number
  readonly attempts: number
  /** When the plugin is asked next. Absent: nothing more is done about it by itself. */
  readonly nextAt?: number
  /** When it was confirmed, or failed for good. */
  readonly endedAt?: number
  readonly reason?: string
  /** What the vendor said. */
  readonly detail?: string
  readonly reference?: Json
  /** Whom it is about, as long as that is needed: a receipt that is confirmed names nobody. */
  readonly subject?: Subject
}

/** That somebody is to be forgotten, by all ids that were ever theirs. */
export interface ErasureRequest {
  readonly person: string
  /** Keyed hashes of the ids: nothing is taken in or given out under them from now on. */
  readonly keys: readonly string[]
  readonly at: number
  readonly subject: Subject
  readonly plugins: readonly { readonly plugin: string; readonly dueBy: number }[]
}

/** An id that nothing is taken in under any more. */
export interface Tombstone {
  readonly key: string
  readonly person: string
}

export interface ErasureFilter {
  readonly persons?: readonly string[]
  /** Newest first, at most so many. Default 1000. */
  readonly limit?: number
}

export interface ErasureTotal {
  readonly plugin: string
  readonly state: ErasureState
  readonly count: number
  /** How many of them are neither confirmed nor failed and past the time they should be done by. */
  readonly overdue: number
}

/** What sinks were told last of a profile: of each segment its member, or null for none. */
export type Told = Readonly<Record<string, string | null>>

export interface NewTold {
  readonly profile: string
  readonly segment: string
  readonly member: string | null
}
