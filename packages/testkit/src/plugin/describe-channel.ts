import type { Channel, Message, Plugin, Recipient, SendOutcome } from '@waymark/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fault } from '../vendors/fault.ts'
import type { MemoryContext } from './memory-context.ts'
import { memoryContext } from './memory-context.ts'
import type { Receiver } from './receiver.ts'
import { describePlugin, soon } from './sound-plugin.ts'

export interface ChannelUnderTest {
  /** New and not started, set up to send to `receiver` and nowhere else. */
  readonly plugin: Plugin
  /** A message it takes, as a rule has it. */
  readonly message: Pick<Message, 'kind' | 'content'>
  /** Whom it can reach. */
  readonly recipient: Recipient
  /** Where messages arrive, one of `stored` each. Without one, as in a channel that only keeps messages, the tests of failures are left out. */
  readonly receiver?: Receiver
  /** Ends what the test began, besides the receiver. */
  stop?(): Promise<void>
}

/** Holds a channel to its contract. */
export function describeChannel(name: string, make: () => Promise<ChannelUnderTest> | ChannelUnderTest): void {
  describe(`channel of ${name}`, () => {
    let under: ChannelUnderTest
    let context: MemoryContext
    let channel: Channel
    beforeEach(async () => {
      context = memoryContext()
      under = await make()
      await under.plugin.start?.(context)
      if (under.plugin.channel === undefined) throw new Error(`${name} offers no channel`)
      channel = under.plugin.channel
    })
    afterEach(async () => {
      await under.plugin.stop?.()
      await under.receiver?.stop()
      await under.stop?.()
    })
    describePlugin(() => under.plugin)

    const message = (key: string, fields: Partial<Message> = {}): Message => ({
      key,
      profile: under.recipient.profile,
      rule: 'sample',
      decidedAt: context.time,
      channel: channel.name,
      ...under.message,
      state: 'queued',
      attempts: 1,
      notBefore: context.time,
      ...fields,
    })
    const send = async (key: string, fields: Partial<Message> = {}, recipient: Recipient = under.recipient, signal: AbortSignal = context.signal) =>
      sound(await channel.send(message(key, fields), recipient, { ...context, signal }))
    const itWith = (kind: Fault['kind'], title: string, test: (receiver: Receiver) => Promise<void>) =>
      it(title, async ({ skip }) => {
        const { receiver } = under
        if (receiver === undefined || receiver.plays?.includes(kind) === false) return skip(`there is no receiver that plays '${kind}'`)
        await test(receiver)
      })

    it('takes its own messages, and says what is wrong with others', () => {
      const { kind, content } = under.message
      expect(channel.check?.(kind, content) ?? []).toEqual([])
      for (const problem of channel.check?.('no such kind', {}) ?? ['-']) expect(problem).toMatch(/\S/)
      expect(channel.check?.('no such kind', {})).not.toEqual([])
    })

    it('sends a message', async () => {
      expect((await send('first')).status).toBe('sent')
      if (under.receiver !== undefined) expect(under.receiver.stored).toHaveLength(1)
    })

    it('answers for what it cannot send, and does not throw', async () => {
      for (const fields of [{ kind: 'no such kind' }, { content: {} }, { content: JSON.parse('{"__proto__":{},"deep":[[[[null]]]]}') }])
        await send('odd', fields)
      for (const traits of [{}, { email: 7 }, { email: 'a\r\nBcc: b@example.com' }, { name: '\ud800' }]) await send('odd', {}, { ...under.recipient, traits })
    })

    it('sends a message with the same key once, where it says that its receiver knows keys', async ({ skip }) => {
      skip(channel.dedup === undefined || under.receiver === undefined, 'the channel declares no dedup, or there is no receiver')
      await send('same')
      await send('same')
      expect(under.receiver?.stored).toHaveLength(1)
    })

    itWith('reset', 'is ready to try again when the line breaks before the message is taken', async (receiver) => {
      receiver.next({ kind: 'reset' })
      expect(['retry', 'unknown']).toContain((await send('broken')).status)
      expect((await send('broken')).status).toBe('sent')
      expect(receiver.stored).toHaveLength(1)
    })

    itWith('lost', 'does not say that a message was sent or refused when the answer was lost', async (receiver) => {
      receiver.next({ kind: 'lost' })
      const { status } = await send('lost')
      // Only who knows keys may have it tried again: anybody else would send it twice.
      expect(channel.dedup === undefined ? ['unknown'] : ['unknown', 'retry']).toContain(status)
    })

    itWith('answer', 'waits as long as it is told to', async (receiver) => {
      receiver.next({ kind: 'answer', status: 429, headers: { 'retry-after': '7' } })
      expect(await send('limited')).toMatchObject({ status: 'retry', afterMs: 7000 })
      receiver.next({ kind: 'answer', status: 503 })
      expect(await send('limited')).toMatchObject({ status: 'retry' })
    })

    itWith('silent', 'ends soon once it is no longer wanted', async (receiver) => {
      receiver.next({ kind: 'silent' })
      const stop = new AbortController()
      const answer = send('silent', {}, under.recipient, stop.signal)
      setImmediate(() => stop.abort())
      expect((await soon(answer)).status).not.toBe('sent')
    })

    it('does not say that a message was sent when nobody is there', async ({ skip }) => {
      skip(under.receiver === undefined, 'there is no receiver')
      await under.receiver?.stop()
      expect(['retry', 'unknown']).toContain((await send('nobody')).status)
    })
  })
}

function sound(outcome: SendOutcome): SendOutcome {
  expect(['sent', 'retry', 'rejected', 'unknown']).toContain(outcome.status)
  if (outcome.status !== 'sent') expect(outcome.reason, 'the reason of an outcome').toMatch(/\S/)
  return outcome
}
