import {
  type CanonicalEvent,
  type Decision,
  type Engine,
  type EngineStep,
  type LogEntry,
  type MembershipChange,
  type Profile,
  type Transaction,
  withUndelivered,
} from '@waymark/core'
import type { Held } from './profiles.ts'

export interface Applied {
  readonly profiles: Map<string, Held>
  /** Profiles that were merged into others. */
  readonly removed: string[]
  readonly decisions: Decision[]
  readonly changes: MembershipChange[]
  readonly steps: StepCounts
  /** The last of the entries. */
  readonly upTo: number
}

/** How often the engine was asked: a rebuild reads a whole history. */
export interface StepCounts {
  event: number
  tick: number
  rebuild: number
}

/**
 * Applies what was committed together to the profiles it concerns: live, and again, from the log, after a crash. Each
 * profile gets its entries in event order; one that a late event or a merge concerns is rebuilt from its history.
 */
export async function applyEntries(engine: Engine, entries: readonly LogEntry[], loaded: ReadonlyMap<string, Held>, tx: Transaction): Promise<Applied> {
  const upTo = entries.at(-1)?.seq ?? 0
  const applied: Applied = { profiles: new Map(), removed: [], decisions: [], changes: [], steps: { event: 0, tick: 0, rebuild: 0 }, upTo }
  for (const entry of entries) if (entry.input.kind === 'unmerge') await applyUnmerge(entry)

  const owners = ownersAfterMerges(entries)
  for (const [id, own] of Map.groupBy(entries, (entry) => owners.get(entry.profile) ?? entry.profile)) {
    const before = loaded.get(id)
    // Also when the profile includes the merge already: a crash between two checkpoints may have left the other's entries to be read.
    applied.removed.push(...mergedIn(own))
    const fresh = before === undefined ? own : own.filter((entry) => entry.seq > before.seq)
    const newest = fresh.at(-1)
    if (newest === undefined) continue
    const { seq } = newest
    const merged = mergedIn(fresh)
    const inputs = fresh.filter(({ input }) => input.kind === 'event' || input.kind === 'tick').sort(byMoment)

    const first = inputs.find(({ input }) => input.kind === 'event')
    const late = first?.input.kind === 'event' && engine.isLate(before?.profile, first.input.event)
    if (merged.length > 0 || late) {
      const previous = [before, ...merged.map((from) => loaded.get(from))].flatMap((held) => (held === undefined ? [] : [engine.pastOf(held.profile)]))
      const now = Math.max(...fresh.map((entry) => entry.now))
      applied.steps.rebuild += 1
      collect(engine.rebuild(id, await eventsOf(id, upTo, tx), previous, now, 'decide'), seq)
    } else {
      let profile: Profile | undefined = before?.profile
      for (const { input, now } of inputs) {
        if (input.kind !== 'event' && input.kind !== 'tick') continue
        if (input.kind === 'tick' && profile === undefined) continue
        applied.steps[input.kind] += 1
        const step = engine.step(profile, id, input, now)
        profile = step.profile
        collect(step, seq)
      }
    }
    giveBack(id, fresh, seq)
  }
  return applied

  /** After the rest of the commit, whatever the order was in which they came. */
  function giveBack(id: string, fresh: readonly LogEntry[], seq: number): void {
    for (const { input } of fresh) {
      const profile = (applied.profiles.get(id) ?? loaded.get(id))?.profile
      if (input.kind !== 'undelivered' || profile === undefined) continue
      applied.profiles.set(id, { profile: withUndelivered(profile, { rule: input.rule, at: input.decidedAt }), seq })
    }
  }

  /** Both are rebuilt silently from what is each one's own now. Whoever had no event under its own ids is nobody yet. */
  async function applyUnmerge({ seq, profile, now, input }: LogEntry): Promise<void> {
    if (input.kind !== 'unmerge') return
    for (const [id, past] of [
      [profile, input.past.into],
      [input.from, input.past.from],
    ] as const) {
      const before = loaded.get(id)
      const events = await eventsOf(id, seq, tx)
      // One that includes it already is made known again: reading the log from before may have passed by the merge, which removes it.
      if (before !== undefined && before.seq >= seq) applied.profiles.set(id, before)
      else if (events.length > 0 || id === profile) {
        applied.steps.rebuild += 1
        collect(engine.rebuild(id, events, [past], now, 'silent'), seq)
      }
    }
  }

  function collect(step: EngineStep, seq: number): void {
    applied.profiles.set(step.profile.id, { profile: step.profile, seq })
    applied.decisions.push(...step.decisions)
    applied.changes.push(...step.changes)
  }
}

const NONE: readonly string[] = []

function mergedIn(entries: readonly LogEntry[]): readonly string[] {
  let merged = NONE
  for (const { input } of entries) if (input.kind === 'merge') merged = [...merged, input.from]
  return merged
}

async function eventsOf(profile: string, upTo: number, tx: Transaction): Promise<readonly CanonicalEvent[]> {
  const history = await tx.history(profile, upTo)
  return history.flatMap(({ input }) => (input.kind === 'event' ? [input.event] : []))
}

/** Entries written for a profile that was merged later in the same commit belong to the profile it was merged into. */
function ownersAfterMerges(entries: readonly LogEntry[]): ReadonlyMap<string, string> {
  const into = new Map<string, string>()
  for (const { profile, input } of entries) {
    if (input.kind !== 'merge') continue
    for (const [from, owner] of into) if (owner === input.from) into.set(from, profile)
    into.set(input.from, profile)
  }
  return into
}

function byMoment(a: LogEntry, b: LogEntry): number {
  return momentOf(a) - momentOf(b) || (tieOf(a) < tieOf(b) ? -1 : tieOf(a) > tieOf(b) ? 1 : 0)
}

function momentOf({ input }: LogEntry): number {
  return input.kind === 'event' ? input.event.timestamp : input.kind === 'tick' ? input.at : 0
}

function tieOf({ input }: LogEntry): string {
  return input.kind === 'event' ? input.event.messageId : '\uffff'
}
