import type { Json, PluginContext, Source, SourcePage } from '@waymark/core'
import { isObject } from '@waymark/core'
import { basicAuthorization, parseJson, post, retryAfter } from '@waymark/kit'
import type { Arrival } from '../from-mixpanel.ts'
import { fromStoredProfile } from '../from-profile.ts'
import { HOSTS } from '../hosts.ts'
import type { MixpanelOptions, MixpanelProfilesOptions, ServiceAccount } from '../options.ts'
import { createPace } from './pace.ts'

const EVERY = 86_400_000
const TIMEOUT = 60_000
const THROTTLED_WAIT = 60_000

export type Querying = MixpanelOptions & { readonly profiles: MixpanelProfilesOptions; readonly serviceAccount: ServiceAccount }

/** Where a query of all profiles stands. */
interface Place {
  readonly session: string
  readonly page: number
}

/** Profiles by query, a thousand a page. What has not changed since has the message id it had. */
export function storedProfiles(options: Querying, arrivalOf: (context: PluginContext) => Arrival): Source {
  const { cohort, every = EVERY, host = HOSTS[options.region ?? 'us'].app } = options.profiles
  const { username, secret, projectId } = options.serviceAccount
  const url = new URL('/api/query/engage', host)
  url.searchParams.set('project_id', projectId)
  const headers = { authorization: basicAuthorization(username, secret), 'content-type': 'application/x-www-form-urlencoded' }
  const pace = createPace()

  async function* pull(cursor: Json | undefined, context: PluginContext): AsyncGenerator<SourcePage, void, undefined> {
    const { clock, signal } = context
    let place = placeIn(cursor)
    let found = 0
    while (!signal.aborted) {
      const wait = pace.wait(clock.now())
      if (wait > 0) yield { events: [], pauseMs: wait, progress: 'profiles: waiting for the rate limit of queries' }
      pace.left(clock.now())
      const form = new URLSearchParams({
        ...(place === undefined ? {} : { session_id: place.session, page: String(place.page) }),
        ...(cohort === undefined ? {} : { filter_by_cohort: JSON.stringify({ id: cohort }) }),
      })
      const answer = await post({ url, headers, body: form.toString(), timeout: TIMEOUT, mostBytes: PAGE_BYTES }, context)
      if (answer.kind === 'silent') throw new Error(`profiles: ${answer.reason}`)
      if (answer.status === 429) {
        yield { events: [], pauseMs: retryAfter(answer.headers, clock.now()) ?? THROTTLED_WAIT, progress: 'profiles: Mixpanel asks to wait' }
        continue
      }
      if (answer.status === 400 && place !== undefined && found === 0) {
        // Sessions end: the one that the cursor names is gone.
        place = undefined
        continue
      }
      const body = answer.status === 200 ? parseJson(Buffer.from(answer.body)) : undefined
      if (!isObject(body) || !Array.isArray(body['results'])) throw new Error(`profiles: answered ${answer.status}: ${answer.body.slice(0, 300)}`)
      const rows = body['results'] as unknown[]
      found += rows.length
      const next: Place | undefined =
        rows.length === 0 || isLast(body, found) ? undefined : { session: String(body['session_id']), page: Number(body['page']) + 1 }
      yield {
        events: await eventsIn(rows, arrivalOf(context), context),
        cursor: next === undefined ? {} : { ...next },
        progress: `profiles: ${found} of ${String(body['total'])}`,
      }
      if (next === undefined) return
      place = next
    }
  }

  return { name: 'profiles', every, pull }
}

/** A thousand profiles. */
const PAGE_BYTES = 64 * 1024 * 1024

function isLast(body: Record<string, unknown>, found: number): boolean {
  const page = Number(body['page'])
  const size = Number(body['page_size'])
  return (page + 1) * size >= Number(body['total']) || (page === 0 && found >= Number(body['total']))
}

async function eventsIn(rows: readonly unknown[], arrival: Arrival, context: PluginContext): Promise<SourcePage['events']> {
  const readings = rows.flatMap((row) => fromStoredProfile(row, arrival))
  const unreadable = readings.flatMap((reading) => (reading.kind === 'rejected' ? [{ source: arrival.source, reason: reading.reason, raw: reading.raw }] : []))
  if (unreadable.length > 0) await context.quarantine(unreadable)
  return readings.flatMap((reading) => (reading.kind === 'event' ? [reading.event] : []))
}

function placeIn(cursor: Json | undefined): Place | undefined {
  if (!isObject(cursor) || typeof cursor['session'] !== 'string' || typeof cursor['page'] !== 'number') return undefined
  return { session: cursor['session'], page: cursor['page'] }
}
