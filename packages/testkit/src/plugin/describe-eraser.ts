import type { Eraser, ErasureReceipt, Json, Plugin, Subject } from '@waymark/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fault } from '../vendors/fault.ts'
import { FAILING, THROTTLED } from '../vendors/fault.ts'
import type { MemoryContext } from './memory-context.ts'
import { memoryContext } from './memory-context.ts'
import type { Receiver } from './receiver.ts'
import { describePlugin, soon } from './sound-plugin.ts'

export interface EraserUnderTest {
  /** New and not started, set up to ask `receiver` and nobody else. */
  readonly plugin: Plugin
  readonly receiver: Pick<Receiver, 'next' | 'stop' | 'plays'>
  /** Has the vendor do what it was asked to: what was requested is confirmed from then on. */
  finish?(): Promise<void> | void
}

const SUBJECT: Subject = { profile: 'sample-user', userIds: ['sample-user', 'sample-user-2'], anonymousIds: ['sample-device'] }

/** Checks before a request that is done has to be confirmed. */
const CHECKS = 5

/** Holds an eraser to its contract. */
export function describeEraser(name: string, make: () => Promise<EraserUnderTest> | EraserUnderTest): void {
  describe(`eraser of ${name}`, () => {
    let under: EraserUnderTest
    let context: MemoryContext
    let eraser: Eraser
    beforeEach(async () => {
      context = memoryContext()
      under = await make()
      await under.plugin.start?.(context)
      if (under.plugin.eraser === undefined) throw new Error(`${name} offers no eraser`)
      eraser = under.plugin.eraser
    })
    afterEach(async () => {
      await under.plugin.stop?.()
      await under.receiver.stop()
    })
    describePlugin(() => under.plugin)

    const erase = (subject: Subject = SUBJECT, signal: AbortSignal = context.signal) => receiptOf(eraser.erase(subject, { ...context, signal }))
    /** Asks how it stands, as a host does, until there is an end. */
    async function followed(receipt: ErasureReceipt): Promise<ErasureReceipt> {
      let latest = receipt
      for (let check = 0; check < CHECKS && latest.status !== 'confirmed' && latest.status !== 'failed'; check += 1) {
        context.time += (latest.status === 'retry' ? latest.afterMs : latest.checkAfterMs) ?? 3_600_000
        const reference: Json | undefined = latest.status === 'requested' ? latest.reference : undefined
        if (reference !== undefined && eraser.check === undefined) return latest
        latest = reference === undefined ? await erase() : await receiptOf(eraser.check!(JSON.parse(JSON.stringify(reference)), { ...context }))
      }
      return latest
    }
    const isDone = ({ status }: ErasureReceipt) => status === 'confirmed' || (status === 'requested' && eraser.check === undefined)

    it('takes a request down, and confirms it once the vendor is through', async () => {
      const receipt = await erase()
      expect(['requested', 'confirmed']).toContain(receipt.status)
      await under.finish?.()
      expect(await followed(receipt)).toSatisfy(isDone)
    })

    it('can be asked twice', async () => {
      await erase()
      const second = await erase()
      expect(['requested', 'confirmed']).toContain(second.status)
      await under.finish?.()
      expect(await followed(second)).toSatisfy(isDone)
      expect(['requested', 'confirmed']).toContain((await erase()).status)
    })

    it('does not fail over somebody the vendor has never seen, nor over somebody without ids', async () => {
      const stranger = await erase({ profile: 'nobody', userIds: ['nobody-has-this-id'], anonymousIds: [] })
      expect(['requested', 'confirmed']).toContain(stranger.status)
      const visitor = await erase({ profile: 'anon:visitor', userIds: [], anonymousIds: ['visitor'] })
      expect(['requested', 'confirmed']).toContain(visitor.status)
      expect((await erase({ profile: 'none', userIds: [], anonymousIds: [] })).status).not.toBe('retry')
    })

    it.each<[string, Fault, number | undefined]>([
      ['a 503', FAILING, undefined],
      ['a 429', { ...THROTTLED, headers: { 'retry-after': '7' } } as Fault, 7000],
      ['a line that breaks', { kind: 'reset' }, undefined],
    ])('is to be asked again after %s', async (_, fault, afterMs) => {
      if (under.receiver.plays?.includes(fault.kind) === false) return
      under.receiver.next(fault)
      const receipt = await erase()
      expect(receipt).toMatchObject({ status: 'retry', ...(afterMs === undefined ? {} : { afterMs }) })
      context.time += afterMs ?? 60_000
      const again = await erase()
      expect(['requested', 'confirmed']).toContain(again.status)
      await under.finish?.()
      expect(await followed(again)).toSatisfy(isDone)
    })

    it('does not take a failed check for an answer', async ({ skip }) => {
      const receipt = await erase()
      skip(receipt.status !== 'requested' || eraser.check === undefined, 'there is nothing to check')
      if (receipt.status !== 'requested') return
      under.receiver.next(FAILING)
      expect(['requested', 'retry']).toContain((await receiptOf(eraser.check!(receipt.reference, { ...context }))).status)
    })

    it('is to be asked again when nobody is there', async () => {
      await under.receiver.stop()
      expect((await erase()).status).toBe('retry')
    })

    it('ends soon once it is no longer wanted', async () => {
      if (under.receiver.plays?.includes('silent') === false) return
      under.receiver.next({ kind: 'silent' })
      const stop = new AbortController()
      const answer = erase(SUBJECT, stop.signal)
      setImmediate(() => stop.abort())
      expect((await soon(answer)).status).toBe('retry')
    })
  })
}

/** A sound receipt, which is plain JSON; a throw counts as a retry, as it does with a host. */
async function receiptOf(work: Promise<ErasureReceipt>): Promise<ErasureReceipt> {
  const receipt = await work.catch((error: unknown): ErasureReceipt => ({ status: 'retry', reason: String(error) }))
  expect(['confirmed', 'requested', 'retry', 'failed']).toContain(receipt.status)
  expect(JSON.parse(JSON.stringify(receipt))).toEqual(receipt)
  if (receipt.status === 'retry' || receipt.status === 'failed') expect(receipt.reason).toMatch(/\S/)
  return receipt
}
