import type { Eraser, ErasureReceipt, PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import { type Answer, post, retryAfter } from '@waymark/kit'
import { HOSTS } from '../hosts.ts'
import type { SegmentOptions, SegmentPrivacyOptions } from '../options.ts'
import { receiptOf } from './regulation.ts'

/** Segment takes days; the API allows few calls. In milliseconds. */
const CHECK_AFTER = 6 * 3_600_000

/** Has Segment delete and suppress users, by the Public API. Segment knows users by their user id alone there. */
export function eraser(privacy: SegmentPrivacyOptions, region: SegmentOptions['region'] = 'us'): Eraser {
  const api = privacy.host ?? HOSTS[region].api

  async function call(method: 'GET' | 'POST', path: string, body: object | undefined, context: PluginContext): Promise<Answer> {
    return post(
      {
        url: new URL(path, api),
        method,
        headers: { authorization: `Bearer ${privacy.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      context,
    )
  }

  return {
    withinDays: 30,
    async erase({ userIds }, context) {
      if (userIds.length === 0) return { status: 'confirmed', detail: 'Segment deletes by user id, and this person never had one' }
      const request = { regulationType: 'SUPPRESS_WITH_DELETE', subjectType: 'USER_ID', subjectIds: userIds }
      const answer = await call('POST', '/regulations', request, context)
      const trouble = troubleOf(answer, context)
      if (trouble !== undefined) return trouble
      const regulation = dataOf(answer)?.['regulateId']
      if (typeof regulation !== 'string') return { status: 'retry', reason: 'Segment took the request and named no regulation to follow it by' }
      return { status: 'requested', reference: { regulation }, checkAfterMs: CHECK_AFTER }
    },
    async check(reference, context) {
      const regulation = isObject(reference) ? reference['regulation'] : undefined
      if (typeof regulation !== 'string') return { status: 'failed', reason: 'the reference names no regulation of Segment' }
      const answer = await call('GET', `/regulations/${encodeURIComponent(regulation)}`, undefined, context)
      return troubleOf(answer, context) ?? receiptOf(dataOf(answer)?.['regulation'], { status: 'requested', reference, checkAfterMs: CHECK_AFTER })
    },
  }
}

function troubleOf(answer: Answer, { clock }: PluginContext): ErasureReceipt | undefined {
  if (answer.kind === 'silent') return { status: 'retry', reason: answer.reason }
  const { status, headers, body } = answer
  if (status >= 200 && status < 300) return undefined
  if (status === 401 || status === 403) return { status: 'retry', reason: `answered ${status}: check privacy.token, and the region of the workspace` }
  if (status === 429 || status >= 500 || status === 408) {
    const afterMs = retryAfter(headers, clock.now())
    return { status: 'retry', reason: `answered ${status}`, ...(afterMs === undefined ? {} : { afterMs }) }
  }
  return { status: 'failed', reason: `answered ${status}: ${body.slice(0, 300)}` }
}

function dataOf(answer: Answer): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = answer.kind === 'answered' ? JSON.parse(answer.body) : undefined
    return isObject(parsed) && isObject(parsed['data']) ? parsed['data'] : undefined
  } catch {
    return undefined
  }
}
