import type { Eraser, ErasureReceipt, Json, Subject } from '@waymark/core'
import { isObject } from '@waymark/core'
import { type Answer, parseJson, pause, post, retryAfter } from '@waymark/kit'
import { HOSTS } from './hosts.ts'
import { DEVICE } from './ids.ts'
import type { MixpanelEraserOptions, MixpanelOptions } from './options.ts'

/** Ids in one request for deletion. */
const IDS_A_REQUEST = 1999
/** Mixpanel takes one request a second. */
const APART = 1000
/** A throttled deletion may stay so for hours; it has thirty days. */
const THROTTLED_WAIT = 600_000
const CHECK_AFTER = 6 * 3_600_000

const UNDER_WAY: readonly string[] = ['PENDING', 'STAGING', 'STARTED', 'UNKNOWN']

/** Has Mixpanel delete all data of a user: events and profiles under every id, those of devices too. */
export function eraser(options: MixpanelOptions & { readonly eraser: MixpanelEraserOptions }): Eraser {
  const { token, oauthToken, complianceType = 'GDPR', host = HOSTS[options.region ?? 'us'].app } = options.eraser
  const base = `${host.replace(/\/$/, '')}/api/app/data-deletions/v3.0/`
  const headers = { authorization: `Bearer ${oauthToken}`, 'content-type': 'application/json' }
  const url = (task: string): string => `${base}${encodeURIComponent(task)}?token=${encodeURIComponent(token)}`

  return {
    withinDays: 30,

    async erase(subject, context): Promise<ErasureReceipt> {
      const tasks: string[] = []
      const ids = idsOf(subject)
      for (let start = 0; start < ids.length; start += IDS_A_REQUEST) {
        if (start > 0) await pause(APART, context)
        const body = JSON.stringify({ distinct_ids: ids.slice(start, start + IDS_A_REQUEST), compliance_type: complianceType })
        const answer = await post({ url: url(''), headers, body }, context)
        const trouble = troubleOf(answer, context.clock.now())
        if (trouble !== undefined) return trouble
        const found = tasksIn(answer)
        if (found.length === 0) return { status: 'failed', reason: 'Mixpanel took the deletion but named no task to ask about' }
        tasks.push(...found)
      }
      if (tasks.length === 0) return { status: 'confirmed', detail: 'there is no id to delete' }
      return { status: 'requested', reference: { tasks }, checkAfterMs: CHECK_AFTER, detail: `${ids.length} ids` }
    },

    async check(reference, context): Promise<ErasureReceipt> {
      const statuses: string[] = []
      for (const [index, task] of tasksOf(reference).entries()) {
        if (index > 0) await pause(APART, context)
        const answer = await post({ url: url(task), method: 'GET', headers }, context)
        const trouble = troubleOf(answer, context.clock.now())
        if (trouble !== undefined) return trouble
        const status = statusIn(answer)
        if (UNDER_WAY.includes(status)) return { status: 'requested', reference, checkAfterMs: CHECK_AFTER, detail: status }
        if (status !== 'SUCCESS') return { status: 'failed', reason: `Mixpanel's deletion ${task} stands at ${status}; ask for it again` }
        statuses.push(status)
      }
      return statuses.length === 0 ? { status: 'failed', reason: 'the reference names no task of Mixpanel' } : { status: 'confirmed' }
    },
  }
}

/** Devices under both names they may have had. */
function idsOf({ userIds, anonymousIds }: Subject): readonly string[] {
  return [...new Set([...userIds, ...anonymousIds.flatMap((id) => [DEVICE + id, id])])]
}

function troubleOf(answer: Answer, now: number): ErasureReceipt | undefined {
  if (answer.kind === 'silent') return { status: 'retry', reason: answer.reason }
  const { status, headers, body } = answer
  if (status >= 200 && status < 300) return undefined
  const reason = `Mixpanel answered ${status}${body === '' ? '' : `: ${body.slice(0, 300)}`}`
  if (status === 429) return { status: 'retry', reason, afterMs: retryAfter(headers, now) ?? THROTTLED_WAIT }
  if (status >= 500) return { status: 'retry', reason }
  // A token that has run out can be renewed, a host corrected; the wish must not be lost by that.
  if (status === 401 || status === 403)
    return { status: 'retry', reason: `${reason}: check eraser.oauthToken, which ends after a year, and the region`, afterMs: THROTTLED_WAIT }
  return { status: 'failed', reason }
}

/** The reference says `results: { task_id }`, the guide `results: [{ tracking_id, status }]`. */
function tasksIn(answer: Answer): readonly string[] {
  const results = resultsIn(answer)
  return (Array.isArray(results) ? (results as unknown[]) : [results]).flatMap((result) => {
    const id = isObject(result) ? (result['task_id'] ?? result['tracking_id']) : undefined
    return typeof id === 'string' || typeof id === 'number' ? [String(id)] : []
  })
}

function statusIn(answer: Answer): string {
  const results = resultsIn(answer)
  const [result] = Array.isArray(results) ? (results as unknown[]) : [results]
  const status = isObject(result) ? result['status'] : result
  return typeof status === 'string' ? status.toUpperCase() : 'UNKNOWN'
}

function resultsIn(answer: Answer): unknown {
  const body = answer.kind === 'answered' ? parseJson(Buffer.from(answer.body)) : undefined
  return isObject(body) && 'results' in body ? body['results'] : body
}

function tasksOf(reference: Json): readonly string[] {
  const tasks = isObject(reference) ? reference['tasks'] : undefined
  return Array.isArray(tasks) ? tasks.filter((task) => typeof task === 'string') : []
}
