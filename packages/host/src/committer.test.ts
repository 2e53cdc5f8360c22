import type { CanonicalEvent, IngestOutcome } from '@waymark/core'
import { describe, expect, it } from 'vitest'
import { type Committer, createCommitter } from './committer.ts'
import type { Committed, Work } from './pipeline.ts'

const MEGABYTE = 1024 * 1024

function event(properties: object, index = 0): Work {
  const empty = { traits: {}, context: {}, integrations: {} }
  const own: CanonicalEvent = {
    type: 'track',
    event: 'used',
    messageId: `m${index}`,
    userId: 'u',
    timestamp: 0,
    receivedAt: 0,
    properties: {},
    source: 'test',
    ...empty,
  }
  return { kind: 'event', event: { ...own, properties: properties as CanonicalEvent['properties'] } }
}

/** A committer whose commits wait until they are let go, one after the other. */
function held(): { readonly committer: Committer; readonly sizes: number[]; letGo(): void } {
  const sizes: number[] = []
  let letGo = (): void => {}
  const gate = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const commit = async (works: readonly Work[]): Promise<Committed> => {
    sizes.push(works.length)
    await gate
    return { outcomes: works.map((): IngestOutcome => ({ status: 'accepted' })) } as unknown as Committed
  }
  return {
    committer: createCommitter(
      commit,
      () => {},
      async () => {},
    ),
    sizes,
    letGo: () => letGo(),
  }
}

const BUSY = { code: 'BUSY' }

describe('what waits for a commit', () => {
  it.each(['messageId', 'event', 'groupId'] as const)('is bounded in bytes also where they are of its %s', async (field) => {
    const { committer, letGo } = held()
    const taken: Promise<unknown>[] = [committer.add([event({})])]
    await Promise.resolve()
    let refused: unknown
    for (let sent = 0; sent < 100 && refused === undefined; sent += 1) {
      const work = event({}, sent)
      if (work.kind !== 'event') continue
      const added = committer.add([{ ...work, event: { ...work.event, [field]: 'x'.repeat(MEGABYTE / 2) } }])
      taken.push(added.catch(() => undefined))
      refused = await Promise.race([
        added.then(
          () => undefined,
          (error: unknown) => error,
        ),
        new Promise((resolve) => setImmediate(resolve)),
      ])
    }
    expect(refused).toMatchObject(BUSY)
    letGo()
    await Promise.all(taken)
  })

  it.each([
    ['a text', (size: number) => ({ text: 'x'.repeat(size / 2) })],
    ['many texts in a list', (size: number) => ({ list: Array.from({ length: size / 64 }, () => 'x'.repeat(24)) })],
    ['many numbers', (size: number) => ({ list: Array.from({ length: size / 16 }, (_, index) => index) })],
    ['many names', (size: number) => Object.fromEntries(Array.from({ length: size / 48 }, (_, index) => [`n${index}`, index]))],
    ['what is nested deep', (size: number) => nested(size / 48)],
  ])('is bounded in bytes, whatever they are of: %s', async (_, propertiesOf) => {
    const { committer, letGo } = held()
    const taken: Promise<unknown>[] = [committer.add([event({})])]
    await Promise.resolve()
    let refused: unknown
    for (let index = 0; refused === undefined && index < 1_000; index += 1) {
      const one = committer.add([event(propertiesOf(MEGABYTE), index)])
      await Promise.race([one.catch((error: unknown) => (refused = error)), Promise.resolve()])
      if (refused === undefined) taken.push(one)
    }
    expect(refused).toMatchObject(BUSY)
    // A megabyte each, as it was meant to be.
    expect(taken.length).toBeGreaterThan(40)
    expect(taken.length).toBeLessThan(90)
    expect(committer.waitingBytes).toBeLessThanOrEqual(64 * MEGABYTE)
    expect(committer.load).toBeGreaterThan(0.95)
    letGo()
    await Promise.all(taken)
    expect([committer.waiting, committer.waitingBytes, committer.load]).toEqual([0, 0, 0])
  })

  it('is bounded in number, of small ones', async () => {
    const { committer, letGo } = held()
    const taken = [committer.add([event({})])]
    await Promise.resolve()
    for (let index = 0; index < 20; index += 1) taken.push(committer.add(Array.from({ length: 1_000 }, (_, place) => event({ a: 1 }, place))))
    expect(committer.waiting).toBe(20_000)
    await expect(committer.add([event({})])).rejects.toMatchObject(BUSY)
    letGo()
    await Promise.all(taken)
    expect(committer.load).toBe(0)
  })

  it('takes one that is larger than all of that together, when nothing waits', async () => {
    const { committer, letGo } = held()
    const one = committer.add([event({ text: 'x'.repeat(40 * MEGABYTE) })])
    await expect(committer.add([event({})])).rejects.toMatchObject(BUSY)
    letGo()
    await one
    await committer.add([event({})])
  })

  it('is written in commits of no more bytes than a start can read again', async () => {
    const { committer, sizes, letGo } = held()
    const taken = [committer.add([event({})])]
    await Promise.resolve()
    for (let index = 0; index < 40; index += 1) taken.push(committer.add([event({ text: 'x'.repeat(MEGABYTE / 2) }, index)]))
    letGo()
    await Promise.all(taken)
    expect(sizes[0]).toBe(1)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(41)
  })

  it('has an end also where it holds itself', async () => {
    const { committer, letGo } = held()
    const knot: Record<string, unknown> = {}
    knot['self'] = knot
    const one = committer.add([event(knot)])
    expect(committer.waitingBytes).toBeGreaterThan(0)
    letGo()
    await one
  })
})

function nested(depth: number): object {
  let value: object = {}
  for (let level = 0; level < depth; level += 1) value = { a: value }
  return value
}
