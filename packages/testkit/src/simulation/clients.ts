import type { CanonicalEvent, Identity, IngestOutcome, Interaction, Message, Recipient } from '@waymark/core'
import { ANONYMOUS } from '@waymark/core'
import { keyOf, type SentEvent } from './ledger.ts'
import type { Machine } from './machine.ts'
import type { DeviceEvent } from './workload.ts'
import type { World } from './world.ts'

/** The devices of the people, with the network between them and the host. They keep what the host has not said it has, and send it again. */
export interface Clients {
  send(device: string, events: readonly DeviceEvent[]): void
  /** A message has reached somebody, who may answer it. */
  shown(message: Message, recipient: Recipient): void
  /** Whether all of it is with the host, as far as the clients know. */
  isDone(): boolean
}

const SECOND = 1_000
/** After so long a client takes it that no answer will come. */
const PATIENCE = 20 * SECOND
/** The longest it waits before it tries again. */
const LONGEST_BACKOFF = 600 * SECOND
const LATE = { least: SECOND, most: 120 * SECOND }
/** Of the messages people get. */
const ANSWERED = 0.35

export function createClients(world: World, machine: () => Machine): Clients {
  const { loop, faults, ledger, trace, clock } = world
  const random = world.random('clients')
  let open = 0

  const travel = (): number => random.between(1, 150)

  /** One request and its answer; undefined when none comes. `ask` is what the host is asked, once the request is there. */
  function request<T>(what: string, ask: (isTorn: boolean) => Promise<T> | undefined): Promise<{ readonly answer?: T }> {
    return new Promise((resolve) => {
      const cancel = loop.after(PATIENCE, () => resolve({}))
      function arrive(isTorn: boolean): void {
        ask(isTorn)?.then(
          (answer) => {
            if (isTorn || faults.strike('answer lost')) return
            loop.after(travel(), () => {
              cancel()
              resolve({ answer })
            })
          },
          (error: unknown) => {
            trace.note(`${what} is told to come again: ${String(error)}`)
            loop.after(travel(), () => {
              cancel()
              resolve({})
            })
          },
        )
      }
      if (!faults.strike('request lost'))
        loop.after(faults.strike('request late') ? random.between(LATE.least, LATE.most) : travel(), () => arrive(faults.strike('request torn')))
      if (faults.strike('request twice')) loop.after(random.between(1, LATE.most), () => arrive(false))
    })
  }

  /** Again and again, until the answer comes. */
  async function insist<T>(what: string, ask: (isTorn: boolean) => Promise<T> | undefined): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const { answer } = await request(what, ask)
      if (answer !== undefined) return answer
      await loop.wait(Math.min(LONGEST_BACKOFF, SECOND * 2 ** Math.min(attempt, 10)) * (0.5 + random.next() / 2))
    }
  }

  function note(sent: readonly SentEvent[], outcomes: readonly IngestOutcome[]): void {
    trace.note(`acknowledged: ${sent.map(({ event }, index) => `${event.messageId} ${outcomes[index]?.status}`).join(', ')}`)
    sent.forEach(({ answers }, index) => {
      const outcome = outcomes[index]
      if (outcome !== undefined) answers.push({ outcome, at: loop.now() })
    })
  }

  async function insistOn(device: string, events: readonly DeviceEvent[]): Promise<void> {
    const sent = events.map((event): SentEvent => {
      const there = ledger.events.get(keyOf(event))
      const one = there ?? { event, firstSentAt: loop.now(), answers: [] }
      ledger.events.set(keyOf(event), one)
      return one
    })
    trace.note(`${device} sends ${events.map(shown).join(', ')}`)
    const outcomes = await insist(`${device}'s request`, (isTorn) => {
      const host = machine().host()
      // Only what is whole is read: of a batch that is torn the first part, event by event.
      const there = isTorn ? events.slice(0, random.below(events.length + 1)) : events
      return there.length === 0 ? undefined : host?.ingest(there.map(received))
    })
    note(sent, outcomes)
  }

  /** A time in the future is taken as the time of receipt. */
  function received(event: DeviceEvent): CanonicalEvent {
    const receivedAt = clock.now()
    return { ...event, receivedAt, timestamp: Math.min(event.timestamp, receivedAt) }
  }

  async function insistOnReply(identity: Identity, key: string, interaction: Interaction): Promise<void> {
    const isTaken = await insist(`the answer to ${key}`, () => machine().host()?.conversation.answer(identity, key, interaction))
    trace.note(`answered: ${key} ${interaction} ${isTaken}`)
    if (isTaken) ledger.replies.push({ key, interaction, confirmedAt: loop.now() })
  }

  function counted(work: Promise<void>): void {
    open += 1
    void work.then(() => {
      open -= 1
    })
  }

  return {
    isDone: () => open === 0,
    send: (device, events) => counted(insistOn(device, events)),
    shown({ key }, { profile, userId }) {
      if (!random.chance(ANSWERED)) return
      const interaction = random.pick(['seen', 'clicked', 'dismissed'] as const)
      const identity = userId === undefined ? { anonymousId: profile.slice(ANONYMOUS.length) } : { userId }
      loop.after(random.between(SECOND, 3_600 * SECOND), () => counted(insistOnReply(identity, key, interaction)))
    },
  }
}

function shown({ messageId, type, event, userId, anonymousId }: DeviceEvent): string {
  return `${messageId} ${event ?? type} of ${[userId, anonymousId].filter((id) => id !== undefined).join('+')}`
}
