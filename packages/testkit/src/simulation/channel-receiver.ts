import type { Channel, Message, PluginContext, Recipient, SendOutcome } from '@waymark/core'
import { SEND_FAULTS } from './faults.ts'
import { type Living, never } from './faulty-store.ts'
import type { Attempt } from './ledger.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/** Stands for a provider of messages and the users behind it. It lives on when the process that called it does not. */
export interface ChannelReceiver {
  /** What a process calls in the place of the channel. `real`, where there is one, is asked once the request is there. */
  sendFrom(process: Living & { readonly number: number }, real: Channel['send'] | undefined): Channel['send']
}

/** A call takes at most so many milliseconds as a rule. */
const USUAL = 400
/** A late answer comes within so many milliseconds, most of them after any host has given up waiting. */
const LATE = { least: 30_000, most: 300_000 }

const GARBAGE: readonly unknown[] = [
  undefined,
  null,
  'ok',
  {},
  { status: 'delivered' },
  { status: 'SENT' },
  { status: 'retry', reason: 5, afterMs: Number.NaN },
  [],
]

export function createChannelReceiver(
  { name: channel, dedup }: Pick<Channel, 'name' | 'dedup'>,
  world: World,
  onTaken: (message: Message, recipient: Recipient) => void,
): ChannelReceiver {
  const { loop, faults, ledger, trace } = world
  const random: Random = world.random(`receiver of ${channel}`)
  const window = dedup?.windowMs ?? 0
  /** Since when each key is known. */
  const known = new Map<string, number>()

  function take(attempt: Attempt, message: Message, recipient: Recipient): void {
    attempt.tookAt = loop.now()
    attempt.wasKnown = loop.now() < (known.get(message.key) ?? Number.NEGATIVE_INFINITY) + window
    trace.note(`${channel} has ${message.key}${attempt.wasKnown ? ' already' : ''}`)
    if (attempt.wasKnown) return
    known.set(message.key, loop.now())
    onTaken(message, recipient)
  }

  return {
    sendFrom: (process, real) => async (message, recipient, context) => {
      const attempt: Attempt = { channel, key: message.key, rule: message.rule, profile: recipient.profile, process: process.number, startedAt: loop.now() }
      ledger.attempts.push(attempt)
      trace.note(`process ${process.number} sends ${message.key} to ${recipient.profile} on ${channel}`)
      if (faults.strike('crash before send')) process.crash('before a send')
      if (process.isDead()) return never()
      const fault = SEND_FAULTS.find((kind) => faults.strike(kind))
      // A line that breaks may break before or after the message was taken. A throw says that it was not.
      const isUnclear = fault === 'send silent' || fault === 'send unknown' || fault === 'send garbage'
      const isTaken = fault === undefined || fault === 'send late' || (isUnclear && random.chance(0.5))
      const travel = random.between(0, USUAL)
      const back = fault === 'send late' ? random.between(LATE.least, LATE.most) : random.between(0, USUAL)
      const outcome = isTaken && real !== undefined && fault === undefined ? await asked(real, message, recipient, context) : outcomeOf(fault, random)
      if (isTaken && (outcome as Partial<SendOutcome> | undefined)?.status !== 'retry') loop.after(travel, () => take(attempt, message, recipient))
      await loop.wait(travel + back)
      if (faults.strike('crash after send')) process.crash('after a send')
      if (process.isDead() || fault === 'send silent') return never()
      attempt.answeredAt = loop.now()
      attempt.outcome = fault ?? 'sent'
      if (fault === 'send threw') throw new Error('simulated: the connection broke')
      return outcome as SendOutcome
    },
  }
}

/** A plugin that is simulated as it is says itself what came of the message. */
async function asked(real: Channel['send'], message: Message, recipient: Recipient, context: PluginContext): Promise<SendOutcome> {
  try {
    return await real(message, recipient, context)
  } catch (error) {
    return { status: 'retry', reason: String(error) }
  }
}

function outcomeOf(fault: (typeof SEND_FAULTS)[number] | undefined, random: Random): unknown {
  switch (fault) {
    case 'send retry':
      return { status: 'retry', reason: 'simulated: busy' }
    case 'send retry-after':
      return { status: 'retry', reason: 'simulated: too many requests', afterMs: random.between(1, 7_200) * 1_000 }
    case 'send rejected':
      return { status: 'rejected', reason: 'simulated: no such address' }
    case 'send unknown':
      return { status: 'unknown', reason: 'simulated: the line broke after the message had left' }
    case 'send garbage':
      return random.pick(GARBAGE)
    default:
      return { status: 'sent' }
  }
}
