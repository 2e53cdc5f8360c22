import type { Eraser, ErasureReceipt, Json, PluginContext, Subject } from '@waymark/core'
import { isObject } from '@waymark/core'
import { pause } from '@waymark/kit'
import type { EraseOptions } from './options.ts'
import type { Rest, RestAnswer } from './rest.ts'

/** In one request, of which there may be one a second. */
const IDS_A_REQUEST = 100
const APART = 1_000
const CHECK_AFTER = 6 * 3_600_000
const DAY = 86_400_000
/** A list of deletions may span six months. */
const LONGEST_LIST = 180 * DAY
/** Of such a list: it has the deletions of everybody. */
const LIST_BYTES = 64 * 1024 * 1024

/** Has users deleted through the User Privacy API. Amplitude knows devices by an id of its own, which is looked up. */
export function eraser(rest: Rest, options: EraseOptions): Eraser {
  return {
    withinDays: 30,
    async erase(subject, context) {
      const people = await peopleOf(subject, rest, context)
      if (people.kind !== 'found') return people.receipt
      const jobs: string[] = []
      for (const [index, ids] of chunksOf(people).entries()) {
        if (index > 0) await pause(APART, context)
        const answer = await rest.ask('/api/2/deletions/users', { json: { ...ids, ...wordingOf(options) } }, context)
        if (answer.kind !== 'ok') return refusalOf(answer)
        jobs.push(...daysIn(answer.json))
      }
      if (jobs.length === 0) return { status: 'confirmed', detail: 'Amplitude does not know this user' }
      const days = [...new Set(jobs)].sort()
      return {
        status: 'requested',
        reference: { days, since: day(context.clock.now()) },
        checkAfterMs: CHECK_AFTER,
        detail: `to be deleted on ${days.join(', ')}`,
      }
    },
    async check(reference, context) {
      const { days, since } = placeIn(reference)
      const start = Math.max(Date.parse(since), context.clock.now() - LONGEST_LIST)
      const query = { start_day: day(start - DAY), end_day: day(Math.max(context.clock.now(), ...days.map((one) => Date.parse(one))) + DAY) }
      const answer = await rest.ask('/api/2/deletions/users', { query, mostBytes: LIST_BYTES }, context)
      if (answer.kind !== 'ok') return refusalOf(answer)
      const listed = jobsIn(answer.json)
      const open = days.filter((one) => listed.some((job) => job['day'] === one && job['status'] !== 'done'))
      const unknown = days.filter((one) => !listed.some((job) => job['day'] === one))
      if (unknown.length > 0)
        return { status: 'failed', reason: `Amplitude lists no deletion for ${unknown.join(', ')}: it was taken back there, or ask its support` }
      if (open.length === 0) return { status: 'confirmed', detail: `deleted on ${days.join(', ')}` }
      return { status: 'requested', reference, checkAfterMs: CHECK_AFTER, detail: `to be deleted on ${open.join(', ')}` }
    },
  }
}

interface Ids {
  readonly user_ids?: readonly string[]
  readonly amplitude_ids?: readonly number[]
}

type People =
  | { readonly kind: 'found'; readonly users: readonly string[]; readonly amplitudeIds: readonly number[] }
  | { readonly kind: 'answer'; readonly receipt: ErasureReceipt }

async function peopleOf(subject: Subject, rest: Rest, context: PluginContext): Promise<People> {
  const found = new Set<number>()
  for (const device of subject.anonymousIds) {
    const answer = await rest.ask('/api/2/usersearch', { query: { user: device } }, context)
    if (answer.kind === 'failed' && answer.status === 404) continue
    if (answer.kind !== 'ok') return { kind: 'answer', receipt: refusalOf(answer) }
    const matches = isObject(answer.json) && Array.isArray(answer.json['matches']) ? answer.json['matches'] : []
    for (const match of matches) if (isObject(match) && typeof match['amplitude_id'] === 'number') found.add(match['amplitude_id'])
  }
  return { kind: 'found', users: subject.userIds, amplitudeIds: [...found] }
}

/** Users and devices together, in requests of at most 100 ids. */
function chunksOf({ users, amplitudeIds }: Extract<People, { kind: 'found' }>): readonly Ids[] {
  const ids = [...users.map((id) => ({ id, of: 'user_ids' })), ...amplitudeIds.map((id) => ({ id, of: 'amplitude_ids' }))]
  const chunks = Array.from({ length: Math.ceil(ids.length / IDS_A_REQUEST) }, (_, index) => ids.slice(index * IDS_A_REQUEST, (index + 1) * IDS_A_REQUEST))
  return chunks.map((chunk) =>
    Object.fromEntries(Object.entries(Object.groupBy(chunk, ({ of }) => of)).map(([of, some = []]) => [of, some.map(({ id }) => id)])),
  )
}

/** Its documentation spells the third field both ways. Without it one unknown id would keep all others from being deleted. */
function wordingOf({ requester = 'waymark', fromOrganization = false }: EraseOptions): Record<string, string> {
  return { requester, ignore_invalid_id: 'True', ignore_invalid_ids: 'True', delete_from_org: fromOrganization ? 'True' : 'False' }
}

/** The days on which something is to be deleted. A reply that names nobody has found nobody. */
function daysIn(reply: unknown): readonly string[] {
  return jobsIn(reply).flatMap((job) =>
    typeof job['day'] === 'string' && Array.isArray(job['amplitude_ids']) && job['amplitude_ids'].length > 0 ? [job['day']] : [],
  )
}

function jobsIn(reply: unknown): readonly Record<string, unknown>[] {
  return (Array.isArray(reply) ? reply : [reply]).filter(isObject)
}

function refusalOf(answer: Exclude<RestAnswer, { kind: 'ok' }>): ErasureReceipt {
  if (answer.kind === 'failed') return { status: 'failed', reason: answer.reason }
  return { status: 'retry', reason: answer.reason, ...(answer.afterMs === undefined ? {} : { afterMs: answer.afterMs }) }
}

function placeIn(reference: Json): { readonly days: readonly string[]; readonly since: string } {
  const { days, since } = reference as { days: readonly string[]; since: string }
  return { days, since }
}

/** `2026-05-03` */
function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
