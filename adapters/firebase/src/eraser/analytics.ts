import type { PluginContext, Subject } from '@waymark/core'
import { isObject } from '@waymark/core'
import { parseJson, post, retryAfter } from '@waymark/kit'

/** How one of several deletions went. */
export type Deletion =
  /** `job`: of BigQuery, to be asked about; `until`: when Google Analytics has surely done it. */
  | {
      readonly status: 'confirmed' | 'requested'
      readonly detail: string
      readonly job?: { readonly id: string; readonly location?: string }
      readonly until?: number
    }
  | { readonly status: 'retry'; readonly reason: string; readonly afterMs?: number }
  | { readonly status: 'failed'; readonly reason: string }

const GOOGLE = 'https://analyticsadmin.googleapis.com'

/** An id of Google's SDK for websites is two numbers; of a device with an app, 32 hex digits. Others are not Google's, and it would refuse them. */
const KINDS: readonly (readonly ['clientId' | 'appInstanceId', RegExp])[] = [
  ['clientId', /^(?:GA\d\.\d\.)?\d+\.\d+$/],
  ['appInstanceId', /^[0-9a-f]{32}$/i],
]

/** Asks Google Analytics to delete the user, by each id; it does so within two months, and says no more of it. */
export async function deleteFromAnalytics(
  subject: Subject,
  {
    property,
    host,
    token,
    until,
  }: { readonly property: string; readonly host: string | undefined; readonly token: () => Promise<string>; readonly until: number },
  context: PluginContext,
): Promise<Deletion> {
  const ids = [
    ...subject.userIds.map((userId) => ({ userId })),
    ...subject.anonymousIds.flatMap((id) => KINDS.flatMap(([kind, shape]) => (shape.test(id) ? [{ [kind]: id.replace(/^GA\d\.\d\./, '') }] : []))),
  ]
  const authorization = `Bearer ${await token()}`
  const times: string[] = []
  for (const id of ids) {
    const answer = await post(
      {
        url: new URL(`/v1alpha/properties/${property}:submitUserDeletion`, host ?? GOOGLE),
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(id),
      },
      context,
    )
    if (answer.kind === 'silent') return { status: 'retry', reason: answer.reason }
    const { status, headers } = answer
    if (status === 429 || status >= 500) {
      const afterMs = retryAfter(headers, context.clock.now())
      return { status: 'retry', reason: `Analytics Admin answered ${status}`, ...(afterMs === undefined ? {} : { afterMs }) }
    }
    if (status !== 200) return { status: 'failed', reason: `Analytics Admin answered ${status}${mendOf(status)}` }
    const body = parseJson(Buffer.from(answer.body))
    times.push(isObject(body) ? String(body['deletionRequestTime'] ?? '') : '')
  }
  return ids.length === 0
    ? { status: 'confirmed', detail: 'Google Analytics: no id of its own' }
    : { status: 'requested', detail: `Google Analytics: asked for ${ids.length} ids, at ${times.at(-1)}`, until }
}

function mendOf(status: number): string {
  if (status === 401 || status === 403) return ': the account needs the Editor role on the property and the scope analytics.edit'
  return status === 404 ? ': check eraser.property' : ''
}
