import type { CanonicalEvent, ErasureReceipt, Plugin, SourcePage, Store } from '@waymark/core'
import { createHost, examine, type Finding, type Host, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { describe, expect, it } from 'vitest'
import { keptLines } from '../host/lines.ts'
import { configWith, DAY, HOUR, MINUTE, recorder, START } from '../host/world.ts'

const SECOND = 1_000
/** A host with a plugin of this source or eraser, on a store that doctor looks into as well. */
async function running(part: Pick<Plugin, 'sources' | 'eraser'>) {
  const store: Store = { ...sqlite(':memory:'), close: async () => {} }
  const plugin: Plugin = { name: 'vendor', purpose: 'analytics', ...part }
  const config = configWith(store, [plugin, recorder()], { segments: [], rules: [] })
  const clock = virtualClock(START, { turns: 40 })
  const logger = keptLines()
  const host = await createHost(config, { effects: { clock, random: () => 0 }, logger })
  return {
    host,
    lines: logger.lines,
    moves: (milliseconds: number) => clock.moveTo(clock.now() + milliseconds),
    doctor: async (area: Finding['area']) => (await examine(config, { now: clock.now })).filter((finding) => finding.area === area),
  }
}

/** The series whose names begin so, by name and labels. */
async function metrics(host: Host, beginning: string): Promise<Readonly<Record<string, number>>> {
  const lines = (await host.metrics()).split('\n').filter((line) => line.startsWith(`waymark_${beginning}`))
  return Object.fromEntries(lines.map((line) => [line.slice('waymark_'.length, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

function page(number: number): SourcePage {
  const events = [1, 2].map((one): CanonicalEvent => {
    const id = { userId: 'u', messageId: `p${number}-${one}`, timestamp: START, receivedAt: START, source: 'vendor' }
    return { ...{ type: 'track', event: 'used', properties: { feature: 'A' }, traits: {}, context: {}, integrations: {} }, ...id }
  })
  return { events, cursor: number, progress: `page ${number} of 9` }
}

describe('a source', () => {
  it('is told of by doctor and metrics as it goes: not begun, well, failing, broken, well again', async () => {
    let isDown = false
    let reach = 0
    const { host, moves, doctor } = await running({
      sources: [
        {
          name: 'export',
          every: 10 * MINUTE,
          async *pull(cursor) {
            if (isDown) throw new Error('503 for token=hunter2')
            for (let number = ((cursor as number | undefined) ?? 0) + 1; number <= reach; number += 1) yield page(number)
          },
        },
      ],
    })
    await moves(SECOND)
    expect(await doctor('sources')).toEqual([{ status: 'ok', area: 'sources', says: 'vendor export: no page yet, last pull ended 1 second ago' }])
    expect(await metrics(host, 'source_')).toEqual({})

    reach = 2
    await moves(20 * MINUTE)
    expect(await doctor('sources')).toMatchObject([
      { status: 'ok', says: 'vendor export: newest page 10 minutes ago, last pull ended 1 second ago (page 2 of 9)' },
    ])

    isDown = true
    await moves(15 * MINUTE)
    const [failing] = await doctor('sources')
    expect(failing).toMatchObject({ status: 'warn', mend: expect.stringContaining('asks again by itself') })
    expect(failing?.says).toMatch(/; failing for 5 minutes, \d+ times: Error: 503 for token=\[redacted\]$/)
    await moves(2 * HOUR)
    const [broken] = await doctor('sources')
    expect(broken).toMatchObject({ status: 'fail', says: expect.stringMatching(/; failing for 2 hours, \d+ times/) })

    const labels = '{plugin="vendor",source="export"}'
    expect(await metrics(host, 'source_')).toEqual({
      [`source_pages_total${labels}`]: 2,
      [`source_events_total${labels}`]: 4,
      [`source_failures_total${labels}`]: host.sources()[0]?.failures,
      [`source_page_age_seconds${labels}`]: (2 * HOUR) / SECOND + 25 * 60 + 1,
    })
    isDown = false
    reach = 3
    await moves(HOUR)
    expect(await doctor('sources')).toMatchObject([{ status: 'ok', says: expect.stringContaining('(page 3 of 9)') }])
    await host.close()
  })
})

describe('erasures', () => {
  const erased = (answers: readonly ErasureReceipt[], check?: readonly ErasureReceipt[]): Pick<Plugin, 'eraser'> => {
    const [first, later] = [[...answers], [...(check ?? [])]]
    const next = async (queue: ErasureReceipt[]): Promise<ErasureReceipt> => (queue.length > 1 ? queue.shift() : queue[0]) as ErasureReceipt
    return { eraser: { withinDays: 7, erase: () => next(first), ...(check === undefined ? {} : { check: () => next(later) }) } }
  }
  const REQUESTED: ErasureReceipt = { status: 'requested', reference: 'job 1', checkAfterMs: DAY }

  it('that are on their way or done are nothing to look at', async () => {
    const { host, moves, doctor } = await running(erased([REQUESTED], [REQUESTED, { status: 'confirmed' }]))
    expect(await doctor('erasures')).toEqual([])
    for (const user of ['u', 'v']) await host.erase(user)
    await moves(SECOND)
    expect(await doctor('erasures')).toEqual([{ status: 'ok', area: 'erasures', says: '2 erasures, none failed or overdue' }])
    expect(await metrics(host, 'erasures')).toEqual({ 'erasures{plugin="vendor",state="requested"}': 2, 'erasures_overdue{plugin="vendor"}': 0 })
    await moves(3 * DAY)
    expect(await metrics(host, 'erasures')).toMatchObject({ 'erasures{plugin="vendor",state="confirmed"}': 2 })
    await host.close()
  })

  it('that the vendor does not do in its time are overdue until they are done', async () => {
    const { host, moves, doctor, lines } = await running(erased([{ status: 'retry', reason: 'busy' }]))
    await host.erase('u')
    await moves(7 * DAY)
    expect(await doctor('erasures')).toMatchObject([{ status: 'ok' }])
    await moves(HOUR)
    expect(await doctor('erasures')).toMatchObject([{ status: 'fail', says: '1 erasure overdue', mend: expect.stringContaining('waymark privacy receipts') }])
    expect(await metrics(host, 'erasures')).toEqual({ 'erasures{plugin="vendor",state="waiting"}': 1, 'erasures_overdue{plugin="vendor"}': 1 })
    const said = lines.filter(({ message }) => message === 'an erasure is overdue')
    expect(said.map(({ level, fields }) => [level, fields['reason'], fields['dueBy']])).toEqual([['error', 'busy', new Date(START + 7 * DAY).toISOString()]])
    expect(JSON.stringify(lines)).not.toContain('"u"')
    await host.close()
  })

  it('that are overdue and that have failed are both told of', async () => {
    const { host, moves, doctor } = await running(
      erased([
        { status: 'failed', reason: 'no' },
        { status: 'retry', reason: 'busy' },
      ]),
    )
    for (const user of ['u', 'v']) await host.erase(user)
    await moves(8 * DAY)
    expect((await doctor('erasures')).map(({ says }) => says)).toEqual(['1 erasure overdue', '1 erasure failed'])
    await host.close()
  })

  it('that the vendor takes back are failed, also past their time, and asked for anew when somebody says so', async () => {
    const { host, moves, doctor } = await running(erased([REQUESTED], [{ status: 'failed', reason: 'the job was cancelled' }, { status: 'confirmed' }]))
    await host.erase('u')
    await moves(2 * DAY)
    expect(await host.erasures('u')).toMatchObject([{ state: 'failed', reason: 'the job was cancelled', subject: { userIds: ['u'] } }])
    await moves(30 * DAY)
    expect(await doctor('erasures')).toMatchObject([{ status: 'fail', says: '1 erasure failed', mend: expect.stringContaining('waymark privacy erase') }])
    expect(await metrics(host, 'erasures')).toEqual({ 'erasures{plugin="vendor",state="failed"}': 1, 'erasures_overdue{plugin="vendor"}': 0 })
    const [again] = await host.erase('u')
    expect(again).toMatchObject({ state: 'waiting', attempts: 0, dueBy: START + 39 * DAY })
    await moves(2 * DAY)
    expect(await host.erasures('u')).toMatchObject([{ state: 'confirmed' }])
    expect(await doctor('erasures')).toMatchObject([{ status: 'ok' }])
    await host.close()
  })
})
