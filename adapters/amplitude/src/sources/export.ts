import type { CanonicalEvent, Json, PluginContext, Source, SourcePage } from '@waymark/core'
import { isObject } from '@waymark/core'
import { parseJson, type Reading, remapped, retryAfter, textOfError } from '@waymark/kit'
import type { Arrival } from '../from-amplitude.ts'
import { fromExport } from '../from-export.ts'
import type { AmplitudeOptions, ExportOptions } from '../options.ts'
import type { Rest } from '../rest.ts'
import { linesOf } from './archive.ts'

const HOUR = 3_600_000
const LAG = 2 * HOUR
/** Hours in one request, as long as Amplitude can give as much at once. */
const MOST_HOURS = 24
const EVENTS_A_PAGE = 1000
/** For an archive of up to 4 GB. */
const TIMEOUT = 600_000

export interface ExportParts extends Pick<AmplitudeOptions, 'mapping' | 'rest'> {
  readonly rest: NonNullable<AmplitudeOptions['rest']>
  readonly ask: Pick<Rest, 'url' | 'authorization'>
  readonly options: ExportOptions
  readonly source: string
  readonly groupType: string
  readonly echo: string | undefined
}

/**
 * Fetches the raw events of whole hours, by when Amplitude took them in, once they are complete there. Hours before the last one are fetched
 * again for what came late: what is known is known by its ids. A range that is too much for one answer is halved.
 */
export function exportSource(parts: ExportParts): Source {
  const { options } = parts
  return {
    name: 'export',
    every: options.every ?? 900_000,
    async *pull(cursor, context) {
      const end = floor(context.clock.now() - (options.lag ?? LAG))
      const reached = hourIn(cursor)
      const first = floor(options.since ?? end - MOST_HOURS * HOUR)
      const start = reached === undefined ? first : Math.max(first, reached - (options.overlap ?? 1) * HOUR)
      if (reached !== undefined && reached >= end) return
      let hours = MOST_HOURS
      for (let from = start; from < end; ) {
        const to = Math.min(end, from + hours * HOUR)
        const answer = await fetchHours(parts, from, to, context)
        if (answer.kind === 'too much') {
          if (to - from <= HOUR) throw new Error(`Amplitude cannot export the hour ${hourName(from)}: ${answer.reason}`)
          hours = Math.max(1, Math.floor((to - from) / HOUR / 2))
          continue
        }
        yield* pagesOf(answer.lines, parts, context, progressOf(from, start, end))
        yield { events: [], cursor: { hour: hourName(to) }, progress: progressOf(to - HOUR, start, end) }
        from = to
      }
    },
  }
}

type Fetched = { readonly kind: 'lines'; readonly lines: AsyncIterable<string> } | { readonly kind: 'too much'; readonly reason: string }

/** Throws what passes by itself, or is for a person to mend: the pull begins again from where it was. */
async function fetchHours({ ask, rest }: ExportParts, from: number, to: number, context: PluginContext): Promise<Fetched> {
  const url = ask.url('/api/2/export', { start: hourName(from), end: hourName(to - HOUR) })
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(rest.timeout ?? TIMEOUT)])
  const response = await fetch(url, { headers: { authorization: ask.authorization }, redirect: 'manual', signal }).catch((error: unknown) => {
    throw new Error(`no answer from ${url.host}: ${textOfError(error)}`)
  })
  if (response.status === 404) {
    await response.body?.cancel()
    return { kind: 'lines', lines: nothing() }
  }
  if (response.ok && response.body !== null) return { kind: 'lines', lines: linesOf(response.body, signal) }
  const reason = `answered ${response.status} to the export of ${hourName(from)} to ${hourName(to - HOUR)}: ${(await response.text()).slice(0, 200)}`
  if (response.status === 400 || response.status === 504) return { kind: 'too much', reason }
  const wait = retryAfter(response.headers, context.clock.now())
  const mend = response.status === 401 || response.status === 403 ? '; check rest.apiKey, rest.secretKey and region' : ''
  throw new Error(`${reason}${mend}${wait === undefined ? '' : `; it asks for ${wait} ms`}`)
}

async function* pagesOf(lines: AsyncIterable<string>, parts: ExportParts, context: PluginContext, progress: string): AsyncIterable<SourcePage> {
  const arrival: Arrival = {
    source: parts.source,
    receivedAt: context.clock.now(),
    groupType: parts.groupType,
    echo: parts.echo,
    id: () => context.id(),
  }
  let events: CanonicalEvent[] = []
  let unreadable: Extract<Reading, { kind: 'rejected' }>[] = []
  for await (const line of lines) {
    if (line.trim() === '') continue
    const parsed = parseJson(Buffer.from(line))
    for (const found of fromExport(parsed ?? line.slice(0, 1000), arrival).readings) {
      const reading = remapped(found, parts.mapping?.incoming)
      if (reading.kind === 'event') events.push(reading.event)
      if (reading.kind === 'rejected') unreadable.push(reading)
    }
    if (events.length + unreadable.length < EVENTS_A_PAGE) continue
    yield { events, progress }
    await setAside(unreadable, parts.source, context)
    events = []
    unreadable = []
  }
  if (events.length > 0) yield { events, progress }
  await setAside(unreadable, parts.source, context)
}

/** After the page is on disk: a pull that is broken off would keep them once for each attempt. */
async function setAside(unreadable: readonly Extract<Reading, { kind: 'rejected' }>[], source: string, context: PluginContext): Promise<void> {
  if (unreadable.length > 0) await context.quarantine(unreadable.map(({ reason, raw }) => ({ source, reason, raw })))
}

async function* nothing(): AsyncIterable<string> {}

function floor(time: number): number {
  return Math.floor(time / HOUR) * HOUR
}

/** `20260503T14` */
function hourName(time: number): string {
  return new Date(time).toISOString().slice(0, 13).replaceAll('-', '')
}

function hourIn(cursor: Json | undefined): number | undefined {
  const hour = isObject(cursor) && typeof cursor['hour'] === 'string' ? /^(\d{4})(\d\d)(\d\d)T(\d\d)$/.exec(cursor['hour']) : null
  if (hour === null) return undefined
  const [, year, month, day, hours] = hour.map(Number) as [number, number, number, number, number]
  return Date.UTC(year, month - 1, day, hours)
}

function progressOf(hour: number, start: number, end: number): string {
  return `${new Date(hour).toISOString().slice(0, 13)}, hour ${(hour - start) / HOUR + 1} of ${(end - start) / HOUR}`
}
