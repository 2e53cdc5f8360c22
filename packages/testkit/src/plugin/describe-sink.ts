import type { CanonicalEvent, Plugin, Sink } from '@waymark/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fault } from '../vendors/fault.ts'
import { FAILING, THROTTLED } from '../vendors/fault.ts'
import { deliver, driveSink } from './drive-sink.ts'
import type { MemoryContext } from './memory-context.ts'
import { memoryContext } from './memory-context.ts'
import type { Receiver } from './receiver.ts'
import { everyKind, oddEvents, sampleEvent, sampleEvents } from './sample-events.ts'
import { describePlugin, soon } from './sound-plugin.ts'

export interface SinkUnderTest {
  /** New and not started, set up to send to `receiver` and nowhere else. */
  readonly plugin: Plugin
  readonly receiver: Receiver
}

/** Holds a sink to its contract, with a plugin and a receiver of its own for each test. */
export function describeSink(name: string, make: () => Promise<SinkUnderTest> | SinkUnderTest): void {
  describe(`sink of ${name}`, () => {
    let under: SinkUnderTest
    let context: MemoryContext
    let sink: Sink
    beforeEach(async () => {
      context = memoryContext()
      under = await make()
      await under.plugin.start?.(context)
      if (under.plugin.sink === undefined) throw new Error(`${name} offers no sink`)
      sink = under.plugin.sink
    })
    afterEach(async () => {
      await under.plugin.stop?.()
      await under.receiver.stop()
    })
    describePlugin(() => under.plugin)

    const copies = ({ messageId }: CanonicalEvent) =>
      under.receiver.stored.filter((one) => JSON.stringify(one).includes(messageId.replace('message-', ''))).length
    const expectOnce = (events: readonly CanonicalEvent[]) => expect(events.map(copies)).toEqual(events.map(() => 1))
    /** Runs only where the receiver can play the fault. */
    const itWith = (kind: Fault['kind'], title: string, test: () => Promise<void>) =>
      it(title, async ({ skip }) => {
        skip(under.receiver.plays?.includes(kind) === false, `the receiver cannot play '${kind}'`)
        await test()
      })

    it('answers for each event of every kind, in order, and changes none', async () => {
      const events = everyKind()
      const outcomes = await deliver(sink, events, context)
      expect(outcomes[0]).toEqual({ status: 'delivered' })
      expect(outcomes.map(({ status }) => status)).not.toContain('retry')
      expectOnce(events.slice(0, 1))
    })

    it('has nothing to answer for nothing', async () => {
      expect(await deliver(sink, [], context)).toEqual([])
    })

    it('takes as many events as it says it does, each once', async () => {
      const events = sampleEvents(sink.maxBatch ?? 100)
      expect(await driveSink(sink, events, context)).toEqual({ delivered: events, rejected: [] })
      expectOnce(events)
    })

    it('takes the same events again without a second effect, where the receiver knows copies', async ({ skip }) => {
      skip(under.receiver.dedups === false, 'the receiver keeps copies')
      const events = sampleEvents(10)
      await driveSink(sink, events, context)
      await driveSink(sink, events, context)
      expectOnce(events)
    })

    itWith('answer', 'waits as long as a 429 asks, then delivers each event once', async () => {
      under.receiver.next({ ...THROTTLED, headers: { 'retry-after': '7' } } as Fault)
      const events = sampleEvents(10)
      const outcomes = await deliver(sink, events, context)
      expect(outcomes.map(({ status }) => status)).toEqual(events.map(() => 'retry'))
      for (const outcome of outcomes) expect(outcome).toHaveProperty('afterMs', 7000)
      context.time += 7000
      await driveSink(sink, events, context)
      expectOnce(events)
    })

    it.each<[string, Fault]>([
      ['a 500', { ...FAILING, status: 500 } as Fault],
      ['a 503', FAILING],
      ['a redirect', { kind: 'answer', status: 302, headers: { location: '/elsewhere' } }],
    ])('has events tried again after %s, and delivers each once', async (_, fault) => {
      if (under.receiver.plays?.includes(fault.kind) === false) return
      under.receiver.next(fault)
      const events = sampleEvents(10)
      expect((await deliver(sink, events, context)).map(({ status }) => status)).toEqual(events.map(() => 'retry'))
      await driveSink(sink, events, context)
      expectOnce(events)
    })

    // Nobody can tell a line that broke before the events were kept from one that broke after. Where the receiver keeps copies, giving them up is right too.
    itWith('reset', 'has events tried again after a line that breaks, and delivers each once; or gives up what a receiver would keep twice', async () => {
      under.receiver.next({ kind: 'reset' })
      const events = sampleEvents(10)
      const outcomes = await deliver(sink, events, context)
      const [again, given] = ['retry', 'rejected'].map((status) => events.filter((_, index) => outcomes[index]?.status === status))
      expect(again!.length + given!.length).toBe(events.length)
      if (under.receiver.dedups !== false) expect(given).toEqual([])
      await driveSink(sink, again!, context)
      expectOnce(again!)
      expect(given!.map(copies)).toEqual(given!.map(() => 0))
    })

    itWith('lost', 'delivers each event once though the answer was lost; or gives up what a receiver would keep twice', async () => {
      under.receiver.next({ kind: 'lost' })
      const events = sampleEvents(10)
      const { delivered, rejected } = await driveSink(sink, events, context)
      expectOnce(rejected)
      if (under.receiver.dedups !== false) expect(rejected).toEqual([])
      if (under.receiver.dedups !== false) expectOnce(delivered)
      else for (const count of delivered.map(copies)) expect(count).toBeGreaterThan(0)
    })

    itWith('answer', 'splits what is too large for one request', async () => {
      under.receiver.next({ kind: 'answer', status: 413 })
      const events = sampleEvents(10)
      expect((await driveSink(sink, events, context)).delivered).toHaveLength(events.length)
      expectOnce(events)
    })

    itWith('partial', 'rejects the one event that the receiver refuses, with the reason, and delivers the others', async () => {
      under.receiver.next({ kind: 'partial' })
      const events = sampleEvents(20)
      const { delivered, rejected } = await driveSink(sink, events, context)
      expect([delivered.length, rejected.length]).toEqual([19, 1])
      expectOnce(delivered)
      expect(rejected.map(copies)).toEqual([0])
    })

    it('takes or rejects odd values, each for itself', async () => {
      const odd = oddEvents(1)
      const events = [sampleEvent(0), ...odd.map(([, event]) => event), sampleEvent(odd.length + 1)]
      const { delivered } = await driveSink(sink, events, context)
      expect(delivered).toEqual(expect.arrayContaining([events[0], events.at(-1)]))
      expectOnce([events[0]!, events.at(-1)!])
    })

    it('has everything tried again while nobody is there', async () => {
      await under.receiver.stop()
      const events = sampleEvents(3)
      expect((await deliver(sink, events, context)).map(({ status }) => status)).toEqual(events.map(() => 'retry'))
    })

    itWith('silent', 'ends soon once it is no longer wanted', async () => {
      under.receiver.next({ kind: 'silent' }, { kind: 'silent' }, { kind: 'silent' })
      const stop = new AbortController()
      const events = sampleEvents(3)
      const answer = deliver(sink, events, { ...context, signal: stop.signal })
      setImmediate(() => stop.abort())
      expect((await soon(answer)).map(({ status }) => status)).not.toContain('delivered')
    })

    it('keeps apart what is under way at the same time', async () => {
      const [first, second] = [sampleEvents(5), sampleEvents(5, 5)]
      const both = await Promise.all([deliver(sink, first, context), deliver(sink, second, context)])
      expect(both.flat().map(({ status }) => status)).toEqual([...first, ...second].map(() => 'delivered'))
      expectOnce([...first, ...second])
    })
  })
}
