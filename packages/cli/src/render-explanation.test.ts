import type { Decision, Evidence } from '@waymark/core'
import type { Explanation } from '@waymark/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { evidenceText } from './render-evidence.ts'
import { renderExplanation } from './render-explanation.ts'
import { plainColors } from './terminal.ts'

const zone = process.env['TZ']
beforeAll(() => {
  process.env['TZ'] = 'Europe/Berlin'
})
afterAll(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

const time = (text: string): number => Date.parse(`2026-08-${text}Z`)
const at = time('03T10:00:00')

const heldBack: Decision = {
  key: 'b',
  profile: 'u1',
  rule: 'come-back',
  since: at,
  at: time('03T08:00:00'),
  outcome: 'suppressed',
  guard: 'quiet-hours',
  retryAt: time('03T18:00:00'),
  evidence: { kind: 'all', truth: 2, of: [] },
}

const explanation: Explanation = {
  user: 'ada',
  at,
  profile: {
    id: 'u1',
    userId: 'u1',
    traits: { plan: 'pro' },
    consent: { marketing: 'denied' },
    timezone: 'Europe/Berlin',
    firstSeenAt: time('01T10:00:00'),
    lastActiveAt: time('03T09:00:00'),
    sessions: 3,
  },
  segments: [
    {
      segment: 'engagement',
      member: 'engaged',
      since: time('02T09:00:00'),
      members: [
        { name: 'engaged', truth: 2, evidence: { kind: 'fact', says: 'did feature_used at least 3 times', truth: 2, value: 4 } },
        { name: 'at-risk', truth: 0, evidence: { kind: 'otherwise', truth: 0 } },
      ],
    },
    { segment: 'silence', members: [{ name: 'silent', truth: 1, evidence: { kind: 'fact', says: 'inactive for 24h', truth: 1 } }] },
    { segment: 'payers', members: [{ name: 'payer', truth: 0, evidence: { kind: 'fact', says: 'trait plan = "gold"', truth: 0 } }] },
  ],
  rules: [
    {
      rule: 'come-back',
      truth: 2,
      since: time('03T08:00:00'),
      retryAt: time('03T18:00:00'),
      evidence: { kind: 'fact', says: 'inactive for 24h', truth: 2, flipsAt: time('05T10:00:00') },
      last: heldBack,
    },
  ],
  ledger: [
    heldBack,
    {
      key: 'a',
      profile: 'u1',
      rule: 'tip',
      since: at,
      at: time('02T08:00:00'),
      outcome: 'sent',
      evidence: { kind: 'all', truth: 2, of: [] },
      message: { channel: 'in-app', kind: 'modal', content: { title: 'Go further' } },
    },
  ],
  messages: [
    {
      key: 'a',
      profile: 'u1',
      rule: 'tip',
      channel: 'in-app',
      kind: 'modal',
      content: { title: 'Go further' },
      decidedAt: time('02T08:00:00'),
      state: 'sent',
      attempts: 1,
      notBefore: 0,
      sentAt: time('02T08:00:01'),
      seenAt: time('02T08:05:00'),
    },
    {
      key: 'c',
      profile: 'u1',
      rule: 'mail',
      channel: 'email',
      kind: 'template',
      content: { template: 'digest' },
      decidedAt: at,
      state: 'queued',
      attempts: 2,
      notBefore: time('03T10:01:00'),
      reason: 'connection refused',
    },
  ],
}

it('says who, where, since when, why, and what time alone may change; in the local time', () => {
  expect(renderExplanation(explanation, plainColors)).toBe(`ada  (profile u1)  as of 2026-08-03T12:00:00+02:00
  known since  2026-08-01T12:00:00+02:00 (2 days ago)
  last active  2026-08-03T11:00:00+02:00 (60 minutes ago), 3 sessions
  time zone    Europe/Berlin
  traits       plan = "pro"
  consent      marketing denied

Segments
  engagement: engaged  since 2026-08-02T11:00:00+02:00 (25 hours ago)
    true  engaged
        true  did feature_used at least 3 times; now 4
    false  at-risk: none of the others
  silence: not settled yet
    not settled  silent
        not settled  inactive for 24h
  payers: in none
    false  payer
        false  trait plan = "gold"

Rules
  come-back: true  since 2026-08-03T10:00:00+02:00 (2 hours ago)
    held back, tried again 2026-08-03T20:00:00+02:00 (in 8 hours)
    true  inactive for 24h
          time alone may change it 2026-08-05T12:00:00+02:00 (in 2 days)
    last decided: 2026-08-03T10:00:00+02:00 (2 hours ago) held back by quiet hours

Decisions, newest first
  2026-08-03T10:00:00+02:00  come-back  held back by quiet hours, tried again 2026-08-03T20:00:00+02:00 (in 8 hours)
  2026-08-02T10:00:00+02:00  tip        sent in-app modal "Go further"

Messages
  2026-08-02T10:00:01+02:00  tip   in-app modal "Go further"  sent seen 2026-08-02T10:05:00+02:00
  2026-08-03T12:00:00+02:00  mail  email template "digest"    queued, 2 attempts, next not before 2026-08-03T12:01:00+02:00 (connection refused)
`)
})

it('says so where there is nothing', () => {
  const text = renderExplanation({ ...explanation, segments: [], rules: [], ledger: [], messages: [] }, plainColors)
  expect(text).toContain('Decisions, newest first\n  none: no rule has become true')
  expect(text).toContain('Messages\n  none')
})

it('tells what joins the parts of a condition, and breaks long lines between words', () => {
  const evidence: Evidence = {
    kind: 'any',
    truth: 0,
    of: [
      { kind: 'not', truth: 0, of: { kind: 'fact', says: 'did open at least 3 times', truth: 2, value: 4, missing: 'too late for: did open at most twice' } },
      {
        kind: 'all',
        truth: 0,
        of: [
          { kind: 'not', truth: 2, of: { kind: 'all', truth: 0, of: [] } },
          { kind: 'fact', says: `did ${'a very long name '.repeat(6)}once`, truth: 0 },
        ],
      },
      {
        kind: 'holding',
        truth: 0,
        says: 'from when (did a once) until (did b once)',
        from: { kind: 'fact', says: 'did a once', truth: 0 },
        until: { kind: 'fact', says: 'did b once', truth: 0 },
      },
    ],
  }
  expect(evidenceText(evidence, at, plainColors, '  ')).toBe(`  false  any of
    false  not: did open at least 3 times; now 4
           missing: too late for: did open at most twice
    false  all of
      true  not
        false  all of
      false  did a very long name a very long name a very long name a very long name a very long
             name a very long name once
    false  from when
      false  did a once
    until
      false  did b once`)
})

it.each([
  ['queued', 'queued'],
  ['sent', 'sent'],
  ['cancelled', 'cancelled'],
  ['rejected', 'not sent: rejected'],
  ['dead', 'not sent: given up'],
  ['unknown', 'sent, perhaps'],
] as const)('tells of a decision to send how far its message has come: %s', (state, words) => {
  const [first] = explanation.messages
  const text = renderExplanation({ ...explanation, messages: first === undefined ? [] : [{ ...first, state }] }, plainColors)
  expect(text).toContain(`  tip        ${words} in-app modal "Go further"`)
})
