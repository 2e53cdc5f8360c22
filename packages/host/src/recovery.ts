import type { Decision, Engine, LogEntry, Logger, MessageState, Past, Position, RuleStanding, Send, Snapshot, Store, WaymarkConfig } from '@waymark/core'
import { type Applied, applyEntries } from './apply.ts'
import type { Progress } from './health.ts'
import { tellRebuilt } from './learned.ts'
import type { Held, Profiles } from './profiles.ts'

/** Cursors of the host's own: the log entry that all snapshots include, and the definition they were made under. */
export const CHECKPOINT = 'checkpoint'
export const DEFINITION = 'definition'
const RULES = 'rules'
/** In place of a definition while profiles are read under another: some snapshots are of the one, some of the other. */
const BETWEEN = 'between two definitions'
/** More than one commit can hold: 1,000 events, each with a merge or two. */
const READ = 10_000
const REBUILD = 500

type OnProgress = (progress: Progress) => void

/**
 * Brings memory to where the log stands: snapshots, then what was committed after them, commit by commit. Decisions
 * made again on the way have the keys they had, so nothing is written for them a second time. When segments or rules are
 * no longer what the snapshots were made under, every profile is read anew from its whole history instead.
 */
export async function recover(
  config: WaymarkConfig,
  engine: Engine,
  profiles: Profiles,
  log: Logger,
  now: number,
  onProgress: OnProgress = () => {},
): Promise<void> {
  const { store } = config
  const definition = await store.cursor(DEFINITION)
  if (definition === undefined || definition === engine.fingerprint) await readTail(store, engine, profiles, log, onProgress)
  else await rebuildAll(config, engine, profiles, log, now, onProgress)
  if (definition === engine.fingerprint) return
  await store.transaction(async (tx) => {
    await tx.setCursor(DEFINITION, engine.fingerprint)
    await tx.setCursor(RULES, JSON.stringify(Object.fromEntries(engine.rules)))
  })
}

async function readTail(store: Store, engine: Engine, profiles: Profiles, log: Logger, onProgress: OnProgress): Promise<void> {
  const from = Number((await store.cursor(CHECKPOINT)) ?? 0)
  const last = await store.lastSeq()
  profiles.put(new Map(), [], from)
  if (last > from) log.info('reading the log from the last checkpoint', { entries: last - from })
  let told = from
  const tell = (upTo: number): void => onProgress({ doing: 'reading the log', done: upTo - from, of: last - from })
  tell(from)
  await readOn(store, engine, profiles, from, ({ upTo }) => {
    if (upTo - told < READ) return
    told = upTo
    tell(upTo)
  })
}

/** Brings memory from log entry `from` to the end of the log; hears of each commit once memory includes it. */
export async function readOn(
  store: Store,
  engine: Engine,
  profiles: Profiles,
  from: number,
  onApplied: (applied: Applied, entries: readonly LogEntry[]) => void,
): Promise<void> {
  const last = await store.lastSeq()
  for (let after = from; after < last; ) {
    const entries = await store.log(after, READ)
    if (entries.length === 0) break
    const commits = [...Map.groupBy(entries, (entry) => entry.commit).values()]
    // The page may end within a commit: leave that one to the next page, unless it is all there is.
    const whole = entries.length === READ && commits.length > 1 ? commits.slice(0, -1) : commits
    await store.transaction(async (tx) => {
      for (const commit of whole) {
        const concerned = commit.flatMap(({ profile, input }) => (input.kind === 'merge' || input.kind === 'unmerge' ? [profile, input.from] : [profile]))
        const loaded = await profiles.load([...new Set(concerned)], tx)
        const owned = commit.filter(({ profile }) => profile !== '')
        const applied = { ...(await applyEntries(engine, owned, loaded, tx)), upTo: commit.at(-1)?.seq ?? 0 }
        profiles.put(applied.profiles, applied.removed, applied.upTo)
        onApplied(applied, commit)
      }
    })
    after = whole.at(-1)?.at(-1)?.seq ?? last
  }
}

/** Rules that are new, or have come to ask for something else, since the profiles were last read under a definition. */
async function changedRules(store: Store, engine: Engine): Promise<ReadonlySet<string>> {
  const known = JSON.parse((await store.cursor(RULES)) ?? '{}') as Record<string, string>
  return new Set([...engine.rules].flatMap(([id, asks]) => (Object.hasOwn(known, id) && known[id] === asks ? [] : [id])))
}

/**
 * What is true by now under new or changed rules sends nothing for the past, but for rules that say so. What fell due for the others
 * while nobody was looking is decided, and what was sent still counts for caps.
 */
async function rebuildAll(config: WaymarkConfig, engine: Engine, profiles: Profiles, log: Logger, now: number, onProgress: OnProgress): Promise<void> {
  const { store } = config
  const ids = await store.profileIds()
  const last = await store.lastSeq()
  const muted = await changedRules(store, engine)
  log.info('segments or rules have changed: reading every profile under the new ones', { profiles: ids.length })
  // Whoever starts after this was cut short begins it anew, also under the definition that held before.
  await store.transaction((tx) => tx.setCursor(DEFINITION, BETWEEN))
  for (let from = 0; from < ids.length; from += REBUILD) {
    onProgress({ doing: 'reading every profile under the new segments and rules', done: from, of: ids.length })
    const some = ids.slice(from, from + REBUILD)
    const rebuilt = new Map<string, Held>()
    const made: Decision[] = []
    const snapshots = await store.snapshots(some)
    for (const id of some) {
      const history = await store.history(id)
      const events = history.flatMap(({ input }) => (input.kind === 'event' ? [input.event] : []))
      const seq = history.reduce((newest, entry) => Math.max(newest, entry.seq), snapshots.get(id)?.seq ?? 0)
      const before = snapshots.get(id)?.profile
      const ledger = await store.decisions({ profile: id, limit: Number.MAX_SAFE_INTEGER })
      const undelivered = new Set((await store.messages(id)).flatMap(({ key, state }) => (isUndelivered(state) ? [key] : [])))
      const past = pastFrom(before === undefined ? NEVER_SEEN : engine.asOf(before), ledger, ({ key }) => undelivered.has(key))
      let { profile, decisions, nextWake } = engine.rebuild(id, events, [past], now, 'backfill')
      made.push(...decisions)
      while (nextWake !== undefined && nextWake <= now) {
        ;({ profile, decisions, nextWake } = engine.step(profile, id, { kind: 'tick', at: nextWake }, now, muted))
        made.push(...decisions)
      }
      rebuilt.set(id, { profile, seq })
    }
    await store.transaction(async (tx) => {
      if (made.length > 0) await tx.decide(made)
      await tellRebuilt(config, engine, { rebuilt, decisions: made, seq: last, now }, tx)
    })
    profiles.put(rebuilt, [], 0)
    await writeSnapshots(store, engine, profiles)
    if (ids.length > REBUILD) log.info('profiles read', { done: from + some.length, of: ids.length })
  }
  profiles.put(new Map(), [], last)
  await checkpoint(store, engine, profiles)
}

/**
 * What the ledger knows of a user's past. What the profile remembered of its rules was laid out for the definition of the time, and
 * is not read: which of them were decided on, what a guard still holds back and what was sent is all in the ledger. It does not know which
 * of the messages did not reach their user: `hasFailed` does.
 */
export function pastFrom(asOf: Position, ledger: readonly Decision[], hasFailed: (decision: Decision) => boolean): Past {
  const oldestFirst = ledger.toReversed()
  const rules = new Map(oldestFirst.map(({ rule, since, retryAt }): [string, RuleStanding] => [rule, retryAt === undefined ? { since } : { since, retryAt }]))
  const sends = oldestFirst.flatMap((decision): Send[] => {
    const { rule, since, at, message } = decision
    if (message === undefined) return []
    return [{ rule, channel: message.channel, since, at, ...(hasFailed(decision) ? { undelivered: true } : {}) }]
  })
  return { asOf, memberships: {}, rules: Object.fromEntries(rules), sends }
}

/** It ended, and nobody has it. What may have arrived counts. */
export function isUndelivered(state: MessageState): boolean {
  return state === 'rejected' || state === 'dead' || state === 'cancelled'
}

const NEVER_SEEN: Position = { at: Number.NEGATIVE_INFINITY, tie: '' }

/** Writes the profiles that changed since their snapshots; recovery then begins after what they include. */
export async function checkpoint(store: Store, engine: Engine, profiles: Profiles): Promise<void> {
  // Taken together: what was written to the log after this moment is not in these profiles yet.
  const { upTo } = profiles
  await writeSnapshots(store, engine, profiles)
  await store.transaction((tx) => tx.setCursor(CHECKPOINT, String(upTo)))
}

async function writeSnapshots(store: Store, engine: Engine, profiles: Profiles): Promise<void> {
  const dirty = [...profiles.dirty().values()]
  for (let from = 0; from < dirty.length; from += REBUILD) {
    const snapshots = dirty.slice(from, from + REBUILD).map(({ profile, seq }): Snapshot & { nextWake?: number } => {
      const nextWake = engine.nextWake(profile)
      return { profile, seq, definition: engine.fingerprint, ...(nextWake === undefined ? {} : { nextWake }) }
    })
    await store.transaction((tx) => tx.checkpoint(snapshots))
    profiles.written(snapshots)
  }
}
