import type { Eraser, ErasureReceipt, JsonObject, Subject } from '@waymark/core'
import { isObject } from '@waymark/core'
import { textOfError } from '@waymark/kit'
import type { GoogleClients } from '../google/clients.ts'
import type { FirebaseEraserOptions } from '../options.ts'
import type { Memberships } from '../sink/memberships.ts'
import type { BigQueryOptions } from '../sources/bigquery/options.ts'
import type { Deletion } from './analytics.ts'
import { deleteFromAnalytics } from './analytics.ts'
import { deleteRows, rowsDeleted } from './bigquery.ts'

export interface Erasing {
  readonly options: FirebaseEraserOptions
  readonly bigquery: BigQueryOptions | undefined
  readonly memberships: Memberships | undefined
  readonly project: string
  readonly clients: GoogleClients
}

/** Google deletes every two months, and what users see of it within three days. */
const WITHIN_DAYS = 65
const DAY = 86_400_000

/** What is still to be seen to: a job of BigQuery, and the moment by which Google Analytics has done it, in epoch milliseconds. */
interface Reference {
  readonly job?: { readonly id: string; readonly location?: string }
  readonly until?: number
}

/** Longest id Firebase Authentication has. */
const UID_LENGTH = 128

/** Has a person deleted wherever the options say. */
export function eraser({ options, bigquery, memberships, project, clients }: Erasing): Eraser {
  return {
    withinDays: WITHIN_DAYS,
    async erase(subject, context) {
      const deletions: Deletion[] = []
      if (options.auth === true) deletions.push(await tried(() => deleteUsers(subject, clients)))
      if (memberships !== undefined) deletions.push(await tried(() => deleteDocuments(subject, memberships)))
      if (options.property !== undefined) {
        const { property, host } = options
        deletions.push(
          await tried(() =>
            deleteFromAnalytics(subject, { property, host, token: clients.accessToken, until: context.clock.now() + WITHIN_DAYS * DAY }, context),
          ),
        )
      }
      // Last: what comes in meanwhile is deleted too.
      if (options.bigquery === true && bigquery !== undefined) deletions.push(await tried(() => deleteRows(subject, project, bigquery, clients)))
      return receiptOf(deletions, context.clock.now())
    },
    async check(reference, context) {
      const { job, until } = isObject(reference) ? (reference as Reference) : {}
      const deletions: Deletion[] = []
      if (job !== undefined) deletions.push(await tried(() => rowsDeleted(job, clients)))
      // Google Analytics does not report: what is known is that its time is up.
      if (until !== undefined) deletions.push({ status: until > context.clock.now() ? 'requested' : 'confirmed', detail: 'Google Analytics: asked for', until })
      return receiptOf(deletions, context.clock.now())
    },
  }
}

async function deleteUsers({ userIds }: Subject, clients: GoogleClients): Promise<Deletion> {
  const auth = await clients.auth()
  for (const uid of userIds.filter((id) => id.length <= UID_LENGTH)) {
    try {
      await auth.deleteUser(uid)
    } catch (error) {
      // Who is not there is gone.
      if ((error as { code?: string }).code !== 'auth/user-not-found') throw error
    }
  }
  return { status: 'confirmed', detail: 'Firebase Authentication: gone' }
}

async function deleteDocuments({ userIds, anonymousIds }: Subject, memberships: Memberships): Promise<Deletion> {
  await memberships.remove([...userIds, ...anonymousIds])
  return { status: 'confirmed', detail: 'Firestore: documents gone' }
}

async function tried(work: () => Promise<Deletion>): Promise<Deletion> {
  try {
    return await work()
  } catch (error) {
    return { status: 'retry', reason: textOfError(error) }
  }
}

/** The worst of all: a person has to look, it is to be tried again, it will be done, it is done. All of it may be asked for again. */
function receiptOf(deletions: readonly Deletion[], now: number): ErasureReceipt {
  const failed = deletions.find((one) => one.status === 'failed')
  if (failed !== undefined) return failed
  const retry = deletions.find((one) => one.status === 'retry')
  if (retry !== undefined) return retry
  const detail = deletions.flatMap((one) => ('detail' in one ? [one.detail] : [])).join('; ')
  const requested = deletions.filter(isRequested)
  if (requested.length === 0) return { status: 'confirmed', detail }
  const job = requested.find((one) => one.job !== undefined)?.job
  const until = requested.find((one) => one.until !== undefined)?.until
  const reference: JsonObject = { ...(job === undefined ? {} : { job: { ...job } }), ...(until === undefined ? {} : { until }) }
  return { status: 'requested', reference, detail, ...(job === undefined && until !== undefined ? { checkAfterMs: until - now } : {}) }
}

function isRequested(deletion: Deletion): deletion is Deletion & { readonly status: 'confirmed' | 'requested' } {
  return deletion.status === 'requested'
}
