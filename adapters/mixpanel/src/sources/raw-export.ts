import type { Json, PluginContext, Source, SourcePage } from '@waymark/core'
import { isObject } from '@waymark/core'
import { basicAuthorization, parseJson, type Reading, retryAfter, textOfError } from '@waymark/kit'
import { fromEvent } from '../from-event.ts'
import type { Arrival } from '../from-mixpanel.ts'
import { HOSTS } from '../hosts.ts'
import type { MixpanelExportOptions, MixpanelOptions, ServiceAccount } from '../options.ts'
import { timeOf } from '../time.ts'
import { lines } from './lines.ts'
import { createPace } from './pace.ts'
import { dayPlus, zoneOf } from './zone.ts'

const EVERY = 3_600_000
const OVERLAP_DAYS = 2
const EVENTS_A_PAGE = 1000
/** A wait after a 429 that names none. */
const THROTTLED_WAIT = 60_000

/** What an export needs besides its own options. */
export type Exporting = MixpanelOptions & { readonly export: MixpanelExportOptions; readonly serviceAccount: ServiceAccount }

/**
 * The raw export, a day a request, each day anew from `overlapDays` before the last one, since events may come late. Mixpanel's export holds duplicates:
 * message ids are made of what makes an event one event there. The cursor is the last day that was fetched whole.
 */
export function rawExport(options: Exporting, arrivalOf: (context: PluginContext) => Arrival): Source {
  const { since, overlapDays = OVERLAP_DAYS, timezone, every = EVERY } = options.export
  const zone = zoneOf(timezone)
  const pace = createPace()

  async function* pull(cursor: Json | undefined, context: PluginContext): AsyncGenerator<SourcePage, void, undefined> {
    const { clock, signal } = context
    const last = dayIn(cursor)
    const today = zone.dayOf(clock.now())
    const first = last === undefined ? since : [since, dayPlus(last, -overlapDays)].toSorted()[1]!
    for (let day = first; day <= today && !signal.aborted; ) {
      const wait = pace.wait(clock.now())
      if (wait > 0) yield { events: [], pauseMs: wait, progress: `${day}: waiting for the rate limit of the export` }
      pace.left(clock.now())
      const response = await fetchDay(options, day, context)
      if (response.status === 429) {
        await response.body?.cancel()
        yield { events: [], pauseMs: retryAfter(response.headers, clock.now()) ?? THROTTLED_WAIT, progress: `${day}: Mixpanel asks to wait` }
        continue
      }
      let events = 0
      for await (const page of pagesOf(response, day, context)) {
        events += page.length
        yield { events: page, progress: `${day}: ${events} events` }
      }
      // What is fetched of today is not whole; an overlap does not set the cursor back.
      const whole = day < today && (last === undefined || day > last) ? { cursor: { day } } : {}
      yield { events: [], ...whole, progress: `${day}: ${events} events, all there are${day === today ? ' so far' : ''}` }
      day = dayPlus(day, 1)
    }
  }

  async function* pagesOf(response: Response, day: string, context: PluginContext): AsyncGenerator<SourcePage['events'], void, undefined> {
    if (response.status !== 200) throw new Error(`the export of ${day} was answered ${response.status}: ${(await response.text()).slice(0, 300)}`)
    const arrival = arrivalOf(context)
    let readings: Reading[] = []
    for await (const line of response.body === null ? [] : lines(response.body)) {
      // A truncated export ends with this line, behind a 200.
      if (line.trim() === 'terminated early') throw new Error(`the export of ${day} ended early`)
      readings.push(fromEvent(moved(parseJson(Buffer.from(line)) ?? line), arrival))
      if (readings.length < EVENTS_A_PAGE) continue
      yield await sorted(readings, arrival.source, context)
      readings = []
    }
    if (readings.length > 0) yield await sorted(readings, arrival.source, context)
  }

  /** The row with its time as it was: older projects write their local time as if it were UTC. */
  function moved(row: unknown): unknown {
    if (timezone === undefined || !isObject(row) || !isObject(row['properties'])) return row
    const time = timeOf(row['properties']['time'])
    return time === undefined ? row : { ...row, properties: { ...row['properties'], time: zone.momentOf(time) } }
  }

  return { name: 'export', every, pull }
}

async function fetchDay({ export: exported, serviceAccount, region = 'us' }: Exporting, day: string, { signal }: PluginContext): Promise<Response> {
  const url = new URL('/api/2.0/export', exported.host ?? HOSTS[region].export)
  const parameters = {
    from_date: day,
    to_date: day,
    project_id: serviceAccount.projectId,
    time_in_ms: 'true',
    ...(exported.events === undefined ? {} : { event: JSON.stringify(exported.events) }),
    ...(exported.where === undefined ? {} : { where: exported.where }),
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  const authorization = basicAuthorization(serviceAccount.username, serviceAccount.secret)
  try {
    return await fetch(url, { headers: { authorization, 'accept-encoding': 'gzip' }, redirect: 'manual', signal })
  } catch (error) {
    throw new Error(`the export of ${day}: no answer from ${url.host}: ${textOfError(error)}`)
  }
}

/** Events in the order of their time; what cannot be read goes to quarantine. */
async function sorted(readings: readonly Reading[], source: string, context: PluginContext): Promise<SourcePage['events']> {
  const unreadable = readings.flatMap((reading) => (reading.kind === 'rejected' ? [{ source, reason: reading.reason, raw: reading.raw }] : []))
  if (unreadable.length > 0) await context.quarantine(unreadable)
  return readings.flatMap((reading) => (reading.kind === 'event' ? [reading.event] : [])).toSorted((left, right) => left.timestamp - right.timestamp)
}

function dayIn(cursor: Json | undefined): string | undefined {
  const day = isObject(cursor) ? cursor['day'] : undefined
  return typeof day === 'string' ? day : undefined
}
