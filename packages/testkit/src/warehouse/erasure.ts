import type { CanonicalEvent, IdentityKey, Subject, Warehouse, WarehouseTable } from '@waymark/core'
import { expect, it } from 'vitest'
import { sampleEvent, sampleEvents } from '../plugin/sample-events.ts'
import { rowsOf } from './rows.ts'

const SUBJECT: Subject = { profile: 'ada', userIds: ['ada', 'ada-before'], anonymousIds: ['adas-phone'] }
const TABLES: readonly WarehouseTable[] = ['events', 'decisions', 'memberships']

/** Has somebody forgotten. Call it within a `describe`. */
export function describeErasure(warehouseOf: () => Warehouse): void {
  async function everything(warehouse: Warehouse): Promise<string> {
    const tables = await Promise.all(TABLES.map((table) => rowsOf(warehouse, `SELECT * FROM ${warehouse.relation(table)}`)))
    return JSON.stringify(tables)
  }
  const visit = (index: number, anonymousId: string) => {
    const { userId: _, ...rest } = sampleEvent(index, { anonymousId })
    return rest as CanonicalEvent
  }

  it('takes out every row of a subject, and the ids of the subject out of others', async () => {
    const warehouse = warehouseOf()
    const others = sampleEvents(20)
    const shared = sampleEvent(21, { userId: 'bob', anonymousId: 'adas-phone' })
    await warehouse.load([
      ...others,
      shared,
      sampleEvent(30, { userId: 'ada' }),
      sampleEvent(31, { userId: 'ada-before', timestamp: sampleEvent(31).timestamp - 86_400_000 }),
      visit(32, 'adas-phone'),
      visit(33, 'adas-forgotten-tablet'),
      sampleEvent(34, { userId: 'ada', source: 'waymark', type: 'identify', traits: { waymark_use: 'deep' } }),
      sampleEvent(35, { userId: 'ada', source: 'waymark', event: 'waymark_decision', properties: { rule: 'tip' } }),
    ])
    // A device that only the warehouse still knows to be the subject's.
    await warehouse.assign(
      new Map<IdentityKey, string>([
        ['anonymous:adas-forgotten-tablet', 'ada'],
        ['anonymous:adas-phone', 'ada'],
        ['user:ada-before', 'ada'],
      ]),
    )
    expect(await warehouse.erase(SUBJECT)).toBeGreaterThanOrEqual(6)
    expect(await everything(warehouse)).not.toContain('ada')
    const left = await rowsOf<{ message_id: string }>(warehouse, `SELECT message_id FROM ${warehouse.relation('events')} ORDER BY message_id`)
    expect(left.map(({ message_id }) => message_id)).toEqual([...others, shared].map(({ messageId }) => messageId))
    await warehouse.compact?.()
    expect(await everything(warehouse)).not.toContain('ada')
  })

  it('can be asked twice, and for strangers', async () => {
    const warehouse = warehouseOf()
    await warehouse.load([...sampleEvents(5), sampleEvent(6, { userId: 'ada' })])
    expect(await warehouse.erase(SUBJECT)).toBe(1)
    expect(await warehouse.erase(SUBJECT)).toBe(0)
    expect(await warehouse.erase({ profile: "o'neil", userIds: ["o'neil"], anonymousIds: [] })).toBe(0)
    expect(await warehouse.erase({ profile: 'none', userIds: [], anonymousIds: [] })).toBe(0)
    expect(await rowsOf(warehouse, `SELECT COUNT(*) AS many FROM ${warehouse.relation('events')}`)).toEqual([{ many: 5 }])
  })

  it('takes somebody anew who comes again', async () => {
    const warehouse = warehouseOf()
    await warehouse.load([sampleEvent(6, { userId: 'ada' })])
    await warehouse.erase(SUBJECT)
    expect(await warehouse.load([sampleEvent(6, { userId: 'ada' })])).toEqual([{ status: 'loaded' }])
  })
}
