import type { CanonicalEvent, Decision, Input, NewLogEntry, Profile, Snapshot } from '@waymark/core'

export const NOW = 1_764_000_000_000

let count = 0

export function event(fields: Partial<CanonicalEvent> = {}): CanonicalEvent {
  count += 1
  return {
    type: 'track',
    event: 'feature_used',
    messageId: `m${count}`,
    userId: 'u1',
    timestamp: NOW,
    receivedAt: NOW,
    properties: { feature: 'A' },
    traits: {},
    context: {},
    integrations: {},
    source: 'test',
    ...fields,
  }
}

export function entry(profile: string, fields: Partial<CanonicalEvent> = {}): NewLogEntry {
  return { profile, now: NOW, input: { kind: 'event', event: event({ userId: profile, ...fields }) } }
}

export function otherEntry(profile: string, input: Input): NewLogEntry {
  return { profile, now: NOW, input }
}

export function sent(key: string, fields: Partial<Decision> = {}): Decision {
  return {
    key,
    profile: 'u1',
    rule: 'tip',
    since: NOW,
    at: NOW,
    outcome: 'sent',
    evidence: { kind: 'fact', says: 'did feature_used at least 5 times', truth: 2, value: 5 },
    message: { channel: 'in-app', kind: 'tooltip', content: { title: 'Go further', nested: { list: [1, null, 'x'] } } },
    ...fields,
  }
}

export function suppressed(key: string, fields: Partial<Decision> = {}): Decision {
  const { message: _, ...rest } = sent(key)
  return { ...rest, outcome: 'suppressed', guard: 'quiet-hours', retryAt: NOW + 1_000, ...fields }
}

export function snapshot(
  id: string,
  seq: number,
  fields: { definition?: string; nextWake?: number; profile?: Partial<Profile> } = {},
): Snapshot & { nextWake?: number } {
  const profile: Profile = {
    id,
    traits: { plan: 'free' },
    consent: {},
    tie: 'm1',
    pages: [[NOW, NOW, 1, NOW, -9e15], null],
    lists: [null, [NOW, 'a']],
    sends: [],
    ...fields.profile,
  }
  return { profile, seq, definition: fields.definition ?? 'd1', ...(fields.nextWake === undefined ? {} : { nextWake: fields.nextWake }) }
}
