import { parseEvent } from '@waymark/core'
import { memoryContext } from '@waymark/testkit/plugin'
import { describe, expect, it } from 'vitest'
import type { Reading } from '../src/index.ts'
import { mapped, optionChecks, remapped, take } from '../src/index.ts'

const event = (fields: object = {}) => {
  const parsed = parseEvent({ type: 'track', event: 'a', userId: 'u1', messageId: 'm1', ...fields }, { source: 's', receivedAt: 1 })
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.value
}

describe('mapping', () => {
  it('renames, leaves out, and has a function decide; what it does not name stays', () => {
    const mapping = {
      a: 'b',
      gone: false,
      own: (one: ReturnType<typeof event>) => ({ ...one, properties: { x: 1 } }),
      $page: false,
      $screen: 'Screen',
    } as const
    expect(mapped(event(), mapping)).toEqual(event({ event: 'b' }))
    expect(mapped(event({ event: 'gone' }), mapping)).toBeUndefined()
    expect(mapped(event({ event: 'own' }), mapping)).toEqual(event({ event: 'own', properties: { x: 1 } }))
    expect(mapped(event({ type: 'page', name: 'Home' }), mapping)).toBeUndefined()
    expect(mapped(event({ type: 'screen', name: 'Home' }), mapping)).toMatchObject({ name: 'Screen' })
    for (const name of ['other', 'toString', '$page']) expect(mapped(event({ event: name }), { a: 'b' })).toEqual(event({ event: name }))
    expect(mapped(event(), undefined)).toEqual(event())
  })

  it('turns readings into what the mapping wants, and a throw into a rejection', () => {
    const reading: Reading = { kind: 'event', event: event() }
    expect(remapped(reading, { a: false })).toEqual({ kind: 'ignored' })
    expect(remapped({ kind: 'ignored' }, { a: false })).toEqual({ kind: 'ignored' })
    const throwing = () => {
      throw new Error('no plan')
    }
    expect(remapped(reading, { a: throwing })).toMatchObject({ kind: 'rejected', reason: 'mapping.incoming: no plan' })
  })

  it.each([
    ['a way that is none', { inbound: {} }, 'mapping.inbound'],
    ['a wish that is none', { incoming: { a: true } }, 'mapping.incoming'],
    ['an empty name', { outgoing: { a: '' } }, 'mapping.outgoing'],
  ])('refuses %s, naming its place', (_, mapping, place) => {
    expect(() => optionChecks('acme').expectMapping(mapping as never)).toThrow(expect.objectContaining({ code: 'ACME_OPTION_INVALID', place: `acme.${place}` }))
  })
})

describe('take', () => {
  const readings: Reading[] = [
    { kind: 'rejected', reason: 'no', raw: { a: 1 } },
    { kind: 'ignored' },
    { kind: 'event', event: event() },
    { kind: 'event', event: event({ messageId: 'm2', event: 'misfit' }), leftOut: ['userId: null'] },
  ]

  it('gives events to the host and the rest to quarantine, and tells what was not taken by its place', async () => {
    const context = memoryContext()
    context.judge = ({ event: name }) => (name === 'misfit' ? 'no such event' : undefined)
    expect(await take(readings, 's', context)).toEqual([
      { index: 0, reason: 'no' },
      { index: 3, reason: 'no such event' },
    ])
    expect(context.accepted).toEqual([event()])
    expect(context.kept).toEqual([{ source: 's', reason: 'no', raw: { a: 1 } }])
    expect(context.warnings).toHaveLength(1)
  })

  it('keeps nothing aside of a request that the host did not take', async () => {
    const context = memoryContext()
    context.full = true
    await expect(take(readings, 's', context)).rejects.toMatchObject({ code: 'BUSY' })
    expect(context.kept).toEqual([])
  })
})
