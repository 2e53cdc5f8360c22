import { agrees, type CanonicalEvent, type ConsentState, consentIn, type LogEntry, type Purpose, type WaymarkConfig } from '@waymark/core'

export interface Logged {
  readonly seq: number
  readonly event: CanonicalEvent
}

/** The log read from beginning to end with nothing but lists: who is who, whose event is whose, and what each has agreed to. */
export interface People {
  /** Everybody there is at the end, with all that counts for them, in event order. */
  readonly all: ReadonlyMap<string, readonly Logged[]>
  /** Profiles that became part of another. */
  readonly merges: readonly { readonly from: string; readonly into: string; readonly seq: number; readonly now: number }[]
  /** Who a name stands for after log entry `seq`; the end when left out. */
  ownerOf(profile: string, seq?: number): string
  /** Whether whoever the name stood for agreed to the purpose at any moment between two log entries. */
  agreedBetween(profile: string, purpose: Purpose, from: number, to: number): 'always' | 'sometimes' | 'never'
}

interface Stand {
  readonly seq: number
  readonly consent: ConsentState
}

export function readPeople(log: readonly LogEntry[], { governance }: WaymarkConfig): People {
  const policy = governance?.consent
  const events = new Map<string, Logged[]>()
  const stands = new Map<string, Stand[]>()
  const merges: { from: string; into: string; seq: number; now: number }[] = []

  for (const { seq, profile, input, now } of log) {
    if (profile === '') continue
    const own = events.get(profile) ?? []
    events.set(profile, own)
    if (input.kind === 'event') own.push({ seq, event: input.event })
    if (input.kind === 'merge') {
      own.push(...(events.get(input.from) ?? []))
      events.delete(input.from)
      merges.push({ from: input.from, into: profile, seq, now })
    }
    if (input.kind === 'merge' || (input.kind === 'event' && input.event.context['consent'] !== undefined)) {
      own.sort(byEvent)
      const there = stands.get(profile) ?? []
      stands.set(profile, [...there, { seq, consent: consentOf(own) }])
    }
  }
  for (const own of events.values()) own.sort(byEvent)

  function consentOf(own: readonly Logged[]): ConsentState {
    return Object.assign({}, ...own.map(({ event }) => consentIn(event, policy))) as ConsentState
  }

  function ownerOf(profile: string, seq = Number.POSITIVE_INFINITY): string {
    let owner = profile
    for (const merge of merges) if (merge.from === owner && merge.seq <= seq) owner = merge.into
    return owner
  }

  function consentAt(profile: string, seq: number): ConsentState {
    const own = stands.get(ownerOf(profile, seq)) ?? []
    return own.findLast((stand) => stand.seq <= seq)?.consent ?? {}
  }

  return {
    all: events,
    merges,
    ownerOf,
    agreedBetween(profile, purpose, from, to) {
      const moments = new Set([from, to])
      for (const own of stands.values()) for (const { seq } of own) if (seq > from && seq < to) moments.add(seq)
      for (const { seq } of merges) if (seq > from && seq < to) moments.add(seq)
      const answers = [...moments].map((seq) => agrees(consentAt(profile, seq), purpose, policy))
      return answers.every(Boolean) ? 'always' : answers.some(Boolean) ? 'sometimes' : 'never'
    },
  }
}

/** By time, at one time by message id. */
function byEvent(a: Logged, b: Logged): number {
  return a.event.timestamp - b.event.timestamp || (a.event.messageId < b.event.messageId ? -1 : 1)
}
