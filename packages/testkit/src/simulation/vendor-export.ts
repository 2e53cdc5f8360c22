import type { CanonicalEvent, Source, SourcePage } from '@waymark/core'
import type { Draw } from './examples.ts'
import { type Living, never } from './faulty-store.ts'
import type { ExportedEvent } from './ledger.ts'
import type { World } from './world.ts'

/** Stands for what a source fetches from: people of its own do something now and then. It lives on when the process that asked it does not. */
export interface VendorExport {
  /** What a process calls in the place of the source's `pull`. */
  pullFrom(process: Living): Source['pull']
}

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const PAGE = 4
const USUAL = 400
const LATE = { least: SECOND, most: 120 * SECOND }

/** What is in the export of one source, from the beginning of a world on. Cursors are the number of events before them. */
export function createVendorExport(source: string, world: World, draw: Draw, length: number): VendorExport {
  const { loop, faults, ledger, trace, clock } = world
  const random = world.random(`export of ${source}`)
  const own: ExportedEvent[] = []
  for (let at = loop.now(); at < loop.now() + length; at += random.between(SECOND, 6 * HOUR)) own.push({ event: eventAt(at, own.length), isPassed: false })
  ledger.exported.push(...own)

  function eventAt(at: number, index: number): CanonicalEvent {
    const event = random.pick(draw.events)
    const base = { messageId: `x${index}`, userId: `client-${random.between(1, 2)}`, timestamp: at, receivedAt: at, source }
    return { ...base, type: 'track', event, properties: draw.properties(event, random), traits: {}, context: {}, integrations: {} }
  }

  /** A time in the future is taken as the time of receipt. */
  function received({ event }: ExportedEvent): CanonicalEvent {
    const receivedAt = clock.now()
    return { ...event, receivedAt, timestamp: Math.min(event.timestamp, receivedAt) }
  }

  function pageAfter(from: number): SourcePage | undefined {
    // Some vendors give again what they gave before.
    const first = faults.strike('pull again') ? random.between(0, from) : from
    const there = own.slice(first, from + random.between(1, PAGE)).filter(({ event }) => event.timestamp <= loop.now())
    const next = first + there.length
    return next > from ? { events: there.map(received), cursor: next } : undefined
  }

  return {
    pullFrom: (process) =>
      async function* (cursor) {
        let from = Number(cursor ?? 0)
        trace.note(`${source} is asked for what there is after ${from}`)
        for (const one of own.slice(0, from)) one.isPassed = true
        for (;;) {
          await loop.wait(faults.strike('pull late') ? random.between(LATE.least, LATE.most) : random.between(0, USUAL))
          if (process.isDead()) return never()
          if (faults.strike('pull threw')) throw new Error('simulated: the export cannot be had')
          const page = pageAfter(from)
          if (page === undefined) return
          trace.note(`${source} gives ${page.events.map(({ messageId }) => messageId).join(' ')}`)
          yield page
          from = Number(page.cursor)
        }
      },
  }
}
