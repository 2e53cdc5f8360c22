import { assertConfig, type CanonicalEvent, type Decision, type Parsed, parseEvent, type Store, type WaymarkConfig } from '@waymark/core'
import { engineOf } from './definition.ts'
import { type Committed, runPipeline, type Work } from './pipeline.ts'
import { createProfiles } from './profiles.ts'

export interface ReplaySummary {
  /** Lines that were not empty. */
  readonly events: number
  readonly accepted: number
  readonly duplicates: number
  readonly refused: number
  readonly quarantined: number
  readonly profiles: number
  /** How many profiles each member has at the end; profiles whose segment is not settled are in none. */
  readonly segments: Record<string, Record<string, number>>
  readonly decisions: Record<string, { sent: number; suppressed: Record<string, number> }>
}

export interface ReplayOptions {
  /** Goes on until then after the last event, so that what time alone brings happens. Default: the last event's time. */
  readonly until?: number
  readonly onProgress?: (done: { readonly events: number; readonly at: number }) => void
  readonly onDecision?: (decision: Decision) => void
  readonly onMembership?: (membership: { readonly profile: string; readonly segment: string; readonly member: string; readonly since: number }) => void
  /** Each line that was not accepted, in the order of the file. */
  readonly onQuarantined?: (item: QuarantinedLine) => void
}

/** A line of the file that does not fit the plan or cannot be read. */
export interface QuarantinedLine {
  /** The first is 1. */
  readonly line: number
  readonly source: string
  readonly reason: string
  /** As it stands in the file. */
  readonly raw: string
}

interface Line {
  readonly line: number
  readonly raw: string
  readonly event: Parsed<CanonicalEvent>
}

const BATCH = 1_000

/**
 * What would have happened: the same pipeline over a file of events, one JSON object a line, under a clock that follows
 * the events. Nothing is delivered. `store` is a scratch store of its own, empty at the beginning; the caller closes it.
 */
export async function replay(
  config: WaymarkConfig,
  store: Store,
  lines: AsyncIterable<string> | Iterable<string>,
  options: ReplayOptions = {},
): Promise<ReplaySummary> {
  assertConfig(config)
  const engine = engineOf(config, { isPunctual: true })
  // Nobody is told anything.
  const alone: WaymarkConfig = { ...config, plugins: [] }
  let now = Number.NEGATIVE_INFINITY
  const profiles = createProfiles(engine)
  const counts = { accepted: 0, duplicates: 0, refused: 0, quarantined: 0 }
  const decisions: ReplaySummary['decisions'] = Object.fromEntries((config.rules ?? []).map(({ id }) => [id, { sent: 0, suppressed: {} }]))
  let events = 0
  let batch: Line[] = []

  async function take(lines: readonly Line[]): Promise<void> {
    const readable = lines.flatMap(({ event }): Work[] => (event.ok ? [{ kind: 'event', event: event.value }] : []))
    const outcomes = [...(await commit(readable))]
    for (const { line, raw, event } of lines) {
      const outcome = event.ok ? outcomes.shift() : { status: 'quarantined' as const, reason: event.reason }
      if (!event.ok) counts.quarantined += 1
      if (outcome?.status === 'quarantined') options.onQuarantined?.({ line, source: 'file', reason: outcome.reason, raw })
    }
  }

  async function commit(works: readonly Work[]): Promise<Committed['outcomes']> {
    if (works.length === 0) return []
    const committed = await store.transaction((tx) => runPipeline(alone, engine, profiles, works, tx, now))
    profiles.put(committed.profiles, committed.removed, committed.upTo)
    for (const outcome of committed.outcomes) {
      if (outcome !== undefined) counts[outcome.status === 'duplicate' ? 'duplicates' : outcome.status] += 1
    }
    for (const decision of committed.decisions) {
      const count = decisions[decision.rule]
      if (count === undefined) continue
      if (decision.guard === undefined) count.sent += 1
      else count.suppressed[decision.guard] = (count.suppressed[decision.guard] ?? 0) + 1
      options.onDecision?.(decision)
    }
    return committed.outcomes
  }

  let line = 0
  for await (const text of lines) {
    line += 1
    if (text.trim() === '') continue
    events += 1
    const event = read(text, now)
    if (event.ok) now = Math.max(now, event.value.timestamp)
    batch.push({ line, raw: text, event })
    if (batch.length === BATCH) {
      await take(batch)
      batch = []
      options.onProgress?.({ events, at: now })
    }
  }
  await take(batch)
  if (options.until !== undefined) now = Math.max(now, options.until)
  await ringOut()

  const segments: ReplaySummary['segments'] = Object.fromEntries(
    (config.segments ?? []).map(({ id, members }) => [id, Object.fromEntries(members.map(({ name }) => [name, 0]))]),
  )
  for (const { profile } of profiles.dirty().values()) {
    for (const { segment, member, since } of engine.memberships(profile)) {
      const count = segments[segment]
      if (count !== undefined) count[member] = (count[member] ?? 0) + 1
      options.onMembership?.({ profile: profile.id, segment, member, since })
    }
  }
  return { events, ...counts, profiles: profiles.size, segments, decisions }

  /** Everything that fell due up to the end, each at its own moment. */
  async function ringOut(): Promise<void> {
    for (;;) {
      const due = [...profiles.dirty().values()].flatMap(({ profile }): Work[] => {
        const at = engine.nextWake(profile)
        return at !== undefined && at <= now ? [{ kind: 'tick', profile: profile.id, at, now: at }] : []
      })
      if (due.length === 0) return
      for (let from = 0; from < due.length; from += BATCH) await commit(due.slice(from, from + BATCH))
    }
  }
}

/** An event is taken in when it happened, or when the file's clock stands if that is later. */
function read(text: string, now: number): Parsed<CanonicalEvent> {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch (error) {
    return { ok: false, reason: `not JSON: ${(error as Error).message}` }
  }
  const parsed = parseEvent(raw, { source: 'file', receivedAt: Number.MAX_SAFE_INTEGER })
  if (!parsed.ok) return parsed
  if (parsed.value.timestamp === Number.MAX_SAFE_INTEGER) return { ok: false, reason: 'timestamp: missing; an event in a file says when it happened' }
  return { ok: true, value: { ...parsed.value, receivedAt: Math.max(now, parsed.value.timestamp) } }
}
