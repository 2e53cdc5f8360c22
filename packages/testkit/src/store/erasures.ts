import type { ErasureRequest, Store } from '@waymark/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { entry, NOW } from './samples.ts'

const DAY = 86_400_000

function request(person: string, fields: Partial<ErasureRequest> = {}): ErasureRequest {
  return {
    person,
    keys: [`${person}-1`, `${person}-2`],
    at: NOW,
    subject: { profile: 'u1', userIds: ['u1\u0000'], anonymousIds: ['a1', 'a2'] },
    plugins: [
      { plugin: 'crm', dueBy: NOW + 30 * DAY },
      { plugin: 'ads', dueBy: NOW + 7 * DAY },
    ],
    ...fields,
  }
}

/** Who is forgotten, and what plugins were asked and said. */
export function describeErasures(opened: () => Store): void {
  let store: Store
  beforeEach(() => {
    store = opened()
  })
  const ask = (...args: Parameters<typeof request>) => store.transaction((tx) => tx.requestErasure(request(...args)))

  describe('erasures', () => {
    it('keeps tombstones and a job for each plugin in one commit', async () => {
      await ask('p')
      expect([...(await store.tombstones())].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
        { key: 'p-1', person: 'p' },
        { key: 'p-2', person: 'p' },
      ])
      const job = { person: 'p', state: 'waiting', askedAt: NOW, nextAt: NOW, attempts: 0, subject: request('p').subject, id: expect.any(Number) }
      expect(await store.erasures({})).toEqual([
        { ...job, plugin: 'ads', dueBy: NOW + 7 * DAY },
        { ...job, plugin: 'crm', dueBy: NOW + 30 * DAY },
      ])
      const failed = store.transaction(async (tx) => {
        await tx.requestErasure(request('q'))
        throw new Error('no')
      })
      await expect(failed).rejects.toThrow('no')
      expect([(await store.tombstones()).length, (await store.erasures({})).length]).toEqual([2, 2])
    })

    it('asks the same again only where it failed, or was not asked before', async () => {
      await ask('p')
      const [ads, crm] = await store.erasures({})
      await store.transaction(async (tx) => {
        await tx.settleErasure({ ...(ads as NonNullable<typeof ads>), state: 'failed', reason: 'no' })
        const { nextAt: _, subject: __, ...done } = crm as NonNullable<typeof crm>
        await tx.settleErasure({ ...done, state: 'confirmed', endedAt: NOW + 1, detail: 'gone', reference: { job: [1, 'x'] } })
      })
      await ask('p', { at: NOW + 5, keys: ['p-3'], plugins: [...request('p').plugins, { plugin: 'mail', dueBy: NOW }] })
      const all = await store.erasures({ persons: ['p', 'nobody'] })
      expect(all.map(({ plugin, state, askedAt }) => `${plugin} ${state} ${askedAt - NOW}`)).toEqual(['mail waiting 5', 'ads waiting 5', 'crm confirmed 0'])
      expect(all[2]).toEqual({
        ...crm,
        state: 'confirmed',
        endedAt: NOW + 1,
        detail: 'gone',
        reference: { job: [1, 'x'] },
        nextAt: undefined,
        subject: undefined,
      })
      expect(await store.tombstones()).toHaveLength(3)
    })

    it('has the open ones of a plugin by when they are due, and counts them', async () => {
      await ask('p')
      await ask('q', { at: NOW - 1 })
      await ask('r')
      const [, crm] = await store.erasures({ persons: ['r'] })
      await store.transaction((tx) => tx.settleErasure({ ...(crm as NonNullable<typeof crm>), state: 'requested', nextAt: NOW + DAY }))
      const open = await store.openErasures('crm', 10)
      expect(open.map(({ person, state }) => `${person} ${state}`)).toEqual(['q waiting', 'p waiting', 'r requested'])
      expect(await store.openErasures('crm', 1)).toEqual([open[0]])
      expect(await store.openErasures('none', 1)).toEqual([])
      expect(await store.erasureTotals(NOW + 8 * DAY)).toEqual([
        { plugin: 'ads', state: 'waiting', count: 3, overdue: 3 },
        { plugin: 'crm', state: 'requested', count: 1, overdue: 0 },
        { plugin: 'crm', state: 'waiting', count: 2, overdue: 0 },
      ])
      expect((await store.erasures({ limit: 2 })).map(({ person }) => person)).toEqual(['r', 'r'])
    })
  })

  describe('what sinks were told', () => {
    it('is the last that was said of each segment', async () => {
      const long = 'x'.repeat(500)
      await store.transaction(async (tx) => {
        await tx.tell([
          { profile: 'u1', segment: 'stage', member: 'new' },
          { profile: 'u1', segment: 'stage', member: 'engaged' },
          { profile: 'u1', segment: 'power\u0000', member: null },
          { profile: long, segment: long, member: 'ä' },
        ])
        expect((await tx.told(['u1'])).get('u1')).toEqual({ stage: 'engaged', 'power\u0000': null })
      })
      await store.transaction((tx) => tx.tell([{ profile: 'u1', segment: 'stage', member: null }]))
      const told = await store.transaction((tx) => tx.told(['u1', 'u2', long]))
      expect(told).toEqual(
        new Map([
          ['u1', { stage: null, 'power\u0000': null }],
          [long, { [long]: 'ä' }],
        ]),
      )
    })
  })

  it('appends several times into one commit', async () => {
    const [first, second] = await store.transaction(async (tx) => [await tx.append([entry('u1')]), await tx.append([entry('u2')])] as const)
    expect((await store.log(0, 10)).map(({ seq, commit }) => [seq, commit])).toEqual([
      [first[0], first[0]],
      [second[0], first[0]],
    ])
  })
}
