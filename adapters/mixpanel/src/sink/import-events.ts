import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { JsonObject, PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import { basicAuthorization, parseJson, post, retryAfter } from '@waymark/kit'
import type { ServiceAccount } from '../options.ts'
import { type Verdict, verdictOf } from './verdict.ts'

const compress = promisify(gzip)

export interface Importing {
  /** Scheme and host, with a path if there is one. */
  readonly host: string
  readonly token: string
  readonly serviceAccount?: ServiceAccount | undefined
  readonly timeout: number
}

/**
 * Posts events to /import, which takes them of any age and tells which it does not take. The SDK is not used for events: it looks at no status and
 * at no account of single events, compresses nothing and waits for ever.
 */
export async function importEvents(rows: readonly JsonObject[], importing: Importing, context: Pick<PluginContext, 'clock' | 'signal'>): Promise<Verdict> {
  const { host, token, serviceAccount, timeout } = importing
  // `ip=0`: an event that names no address did not happen where this machine is.
  const url = new URL(`${host.replace(/\/$/, '')}/import?strict=1&ip=0`)
  if (serviceAccount !== undefined) url.searchParams.set('project_id', serviceAccount.projectId)
  const authorization = serviceAccount === undefined ? basicAuthorization(token) : basicAuthorization(serviceAccount.username, serviceAccount.secret)
  const headers = { authorization, 'content-type': 'application/json', 'content-encoding': 'gzip' }
  const answer = await post({ url, headers, body: await compress(JSON.stringify(rows)), timeout }, context)
  if (answer.kind === 'silent') return { kind: 'later', reason: answer.reason, maybeTaken: answer.left }
  if (answer.status >= 200 && answer.status < 300) return { kind: 'taken' }
  const body = parseJson(Buffer.from(answer.body))
  const rejected = answer.status === 400 ? failedIn(body, rows.length) : undefined
  if (rejected !== undefined) return { kind: 'partly', rejected }
  const detail = isObject(body) && typeof body['error'] === 'string' ? body['error'] : ''
  return verdictOf(answer.status, detail, retryAfter(answer.headers, context.clock.now()))
}

/** Which events a 400 names, by their place: the id stands under one name in one answer and under another in the next. All others were taken. */
function failedIn(body: unknown, events: number): ReadonlyMap<number, string> | undefined {
  const records = isObject(body) && Array.isArray(body['failed_records']) ? (body['failed_records'] as unknown[]) : []
  const failed = records.flatMap((record) => {
    const index = isObject(record) ? record['index'] : undefined
    if (!isObject(record) || typeof index !== 'number' || !(index >= 0 && index < events)) return []
    const parts = [record['field'], record['message']].filter((part) => typeof part === 'string' && part !== '')
    return [[index, `answered 400: ${parts.join(': ').slice(0, 300)}`] as const]
  })
  return failed.length === 0 ? undefined : new Map(failed)
}
