import { type DeadLetterTotal, type Engine, type Store, timerBounds, type WaymarkConfig } from '@waymark/core'
import { channelLag, sinkLag } from '../lag.ts'
import { CHECKPOINT, DEFINITION } from '../recovery.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import { percent, plural, span } from './words.ts'

/** Behind by more than this is worth a look, and by more than that something is broken. In milliseconds. */
const LATE = 60_000
const VERY_LATE = 3_600_000
/** Parts of all events that were not accepted. */
const SOME = 0.01
const MANY = 0.05
const A_FEW = 20
/** Log entries that a checkpoint should have taken in long before. */
const FAR_BEHIND = 200_000
const PAGE = 10_000

interface Looked {
  readonly config: WaymarkConfig
  readonly engine: Engine
  readonly now: number
  /** A host is at work on it. */
  readonly isInUse: boolean
}

/** What waits in the store: for sinks, for channels, for its moment, for a person. Reads only. */
export async function lookAtBacklog(looked: Looked): Promise<readonly Finding[]> {
  const { config, now } = looked
  const { store, plugins = [] } = config
  const findings: Finding[] = [...(await definitionFindings(looked)), ...(await checkpointFindings(store)), await timers(looked)]
  for (const { name, sink, channel } of plugins) {
    if (sink !== undefined) {
      const { waiting, overdue } = await sinkLag(store, name, now)
      findings.push(
        late(
          'lag',
          overdue,
          `${name}: ${waiting === 0 ? 'has every event' : `${plural(waiting, 'log entry', 'log entries')} behind, by ${span(overdue)}`}`,
          name,
        ),
      )
    }
    if (channel !== undefined) {
      const { waiting, overdue } = await channelLag(store, channel.name, now)
      const says =
        waiting === 0 ? 'no message waits' : `${plural(waiting, 'message')} waiting${overdue === 0 ? ', none of them due' : `, the first for ${span(overdue)}`}`
      findings.push(late('outbox', overdue, `${name}: ${says}`, name))
    }
  }
  return [...findings, aside(await store.deadLetterTotals()), await quarantine(store)]
}

function late(area: 'lag' | 'outbox', overdue: number, says: string, plugin: string): Finding {
  const mend = `see what the host's log says of ${plugin}, and whether its receiver can be reached; without a running host nothing is delivered`
  if (overdue < LATE) return ok(area, says)
  return overdue < VERY_LATE ? warn(area, says, mend) : fail(area, says, mend)
}

async function definitionFindings({ config: { store }, engine, isInUse }: Looked): Promise<readonly Finding[]> {
  const known = await store.cursor(DEFINITION)
  if (known === undefined || known === engine.fingerprint) return []
  const says = 'segments or rules are not those the profiles were last read under'
  if (isInUse) return [warn('config', `${says}: the running host has others`, 'start the host again to put this config into force')]
  return [ok('config', `${says}: the next start reads every profile anew, and sends nothing for the past`)]
}

async function checkpointFindings(store: Store): Promise<readonly Finding[]> {
  const behind = (await store.lastSeq()) - Number((await store.cursor(CHECKPOINT)) ?? 0)
  if (behind < FAR_BEHIND) return []
  return [
    warn(
      'store',
      `the newest checkpoint is ${behind.toLocaleString('en-US')} log entries old: a start has to read them`,
      "see what the host's log says of checkpoints",
    ),
  ]
}

/**
 * A profile's snapshot says when it is to be woken next. One that nothing has come in for since the newest checkpoint still waits for that moment; of
 * the others only the host knows.
 */
async function timers({ config: { store, timers: policy }, now, isInUse }: Looked): Promise<Finding> {
  const wakes = await store.wakes()
  const due = wakes.filter(({ at }) => at <= now - LATE)
  const { touched, isDraining } = due.length === 0 ? NOTHING_SINCE : await since(store, Number((await store.cursor(CHECKPOINT)) ?? 0), now)
  const overdue = due.filter(({ profile }) => !touched.has(profile))
  const [first] = overdue
  if (first === undefined) return ok('timers', `${plural(wakes.length, 'profile')} waiting for a moment as of the newest checkpoint, none overdue`)
  const says = `something is overdue for ${plural(overdue.length, 'profile')}, for ${span(now - first.at)} at most`
  if (!isInUse) return ok('timers', `${says}: it is done at the next start`)
  const { drainPerSecond } = timerBounds(policy)
  if (isDraining)
    return warn('timers', `${says}: the running host is at it`, `wait: it does ${drainPerSecond.toLocaleString('en-US')} a second (timers.drainPerSecond)`)
  return fail('timers', says, 'the running host should have done it: see its log, and whether it is ready (/readyz)')
}

interface Since {
  /** Profiles that something has come in for. */
  readonly touched: ReadonlySet<string>
  /** What is long overdue was taken up just now. */
  readonly isDraining: boolean
}

const NOTHING_SINCE: Since = { touched: new Set(), isDraining: false }

async function since(store: Store, seq: number, now: number): Promise<Since> {
  const touched = new Set<string>()
  let isDraining = false
  for (let after = seq; ; ) {
    const entries = await store.log(after, PAGE)
    for (const { profile, input, now: at } of entries) {
      touched.add(profile)
      if (input.kind === 'tick' && at - input.at > LATE && now - at < LATE) isDraining = true
    }
    const last = entries.at(-1)
    if (last === undefined) return { touched, isDraining }
    after = last.seq
  }
}

function aside(totals: readonly DeadLetterTotal[]): Finding {
  const givenUp = totals.reduce((sum, { count, waiting }) => sum + count - waiting, 0)
  const waiting = totals.reduce((sum, one) => sum + one.waiting, 0)
  if (givenUp === 0)
    return ok('dead letters', waiting === 0 ? 'no dead letters' : `no dead letters but ${waiting.toLocaleString('en-US')} that the host tries again by itself`)
  const of = totals.filter((one) => one.count > one.waiting).map(({ plugin, count, waiting: tried }) => `${plugin} ${(count - tried).toLocaleString('en-US')}`)
  return warn(
    'dead letters',
    `${plural(givenUp, 'dead letter')}: ${of.join(', ')}`,
    'waymark dead-letter list says why; retry them once it is mended, or discard them',
  )
}

async function quarantine(store: Store): Promise<Finding> {
  const totals = await store.quarantineTotals()
  const count = totals.reduce((sum, one) => sum + one.count, 0)
  const all = (await store.lastSeq()) + count
  const says = `${plural(count, 'event')} in quarantine, ${percent(count, all)} of what came in`
  if (count < SOME * all || count === 0) return ok('quarantine', says)
  const mend = 'waymark quarantine says why; mend the plan or the sender'
  return count < MANY * all || count < A_FEW ? warn('quarantine', says, mend) : fail('quarantine', says, mend)
}
