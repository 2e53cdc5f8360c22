import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Running, run } from '../../examples/host-app/test/running.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A Monday, ten in the morning in UTC: a day later is no quiet hour either. */
const TEN = Date.UTC(2026, 2, 2, 10)

let running: Running
beforeEach(async () => {
  running = await run(TEN)
})
afterEach(() => running.close())

const mailsTo = (address: string) => running.mailbox.mails().filter(({ to }) => to === address)

test('one email arrives 24 hours after the last event, once', async () => {
  await running.signUp({ name: 'Ada', email: 'ada@example.com', emails: true })
  await running.pass(DAY - MINUTE)
  expect(running.mailbox.mails()).toEqual([])

  await running.pass(MINUTE)
  const [mail, ...others] = mailsTo('ada@example.com')
  expect(others).toEqual([])
  expect(mail?.subject).toBe('Ada, your cards are waiting')
  expect(mail?.from).toContain('hello@fieldnotes.example')
  expect(mail?.text).toContain('Paste a list on a board and get one card a line.')
  expect(mail?.html).toContain('<h1')
  // What the server SDK took to send the event is all that may lie between.
  expect(TEN + DAY - (mail?.at ?? 0)).toBeGreaterThanOrEqual(0)
  expect(TEN + DAY - (mail?.at ?? 0)).toBeLessThan(5_000)

  await running.pass(9 * DAY)
  expect(running.mailbox.mails()).toHaveLength(1)
})

test('a later event cancels it: the email comes 24 hours after that one', async () => {
  const { id } = await running.signUp({ name: 'Grace', email: 'grace@example.com', emails: true })
  await running.pass(9 * HOUR)
  await running.report(id, 'feature_used', { feature: 'A' })
  await running.pass(DAY - MINUTE)
  expect(running.mailbox.mails()).toEqual([])
  await running.pass(MINUTE)
  expect(mailsTo('grace@example.com')).toHaveLength(1)
})

test('whoever comes back and leaves again hears again', async () => {
  const { id } = await running.signUp({ name: 'Alan', email: 'alan@example.com', emails: true })
  await running.pass(2 * DAY)
  expect(mailsTo('alan@example.com')).toHaveLength(1)
  await running.report(id, 'feature_used', { feature: 'C' })
  await running.pass(DAY)
  expect(mailsTo('alan@example.com')).toHaveLength(2)
})

test('a name that is not known leaves no hole', async () => {
  const { id } = await running.signUp({ name: 'Edsger', email: 'edsger@example.com', emails: true })
  await running.app.host.ingest([
    {
      type: 'identify',
      messageId: 'nameless',
      userId: id,
      timestamp: TEN + MINUTE,
      receivedAt: TEN + MINUTE,
      traits: { name: '' },
      properties: {},
      context: {},
      integrations: {},
      source: 'test',
    },
  ])
  await running.pass(DAY)
  expect(mailsTo('edsger@example.com')[0]?.subject).toBe('Hello, your cards are waiting')
  expect(mailsTo('edsger@example.com')[0]?.text).toContain('Hello there,')
})

test('who did not agree to emails gets none, and the ledger says why', async () => {
  const { id } = await running.signUp({ name: 'Barbara', email: 'barbara@example.com' })
  await running.pass(3 * DAY)
  expect(running.mailbox.mails()).toEqual([])
  const ledger = await running.app.host.config.store.decisions({ profile: id })
  expect(ledger).toMatchObject([{ rule: 'come-back', outcome: 'suppressed', guard: 'consent' }])
})

test("quiet hours hold it until eight in the morning in the user's zone", async () => {
  // Ten at night in New York is three in the morning in UTC at this time of the year.
  await running.pass(17 * HOUR)
  await running.signUp({ name: 'Katherine', email: 'katherine@example.com', emails: true, timezone: 'America/New_York' })
  await running.pass(DAY)
  expect(running.mailbox.mails()).toEqual([])
  await running.pass(10 * HOUR - MINUTE)
  expect(running.mailbox.mails()).toEqual([])
  await running.pass(MINUTE)
  const [mail] = mailsTo('katherine@example.com')
  expect(new Date(mail?.at ?? 0).toISOString()).toBe('2026-03-04T13:00:00.000Z')
  await running.pass(3 * DAY)
  expect(running.mailbox.mails()).toHaveLength(1)
})

test('the timer fires after the host was closed and opened again', async () => {
  await running.signUp({ name: 'Radia', email: 'radia@example.com', emails: true })
  await running.pass(12 * HOUR)
  await running.restart()
  expect(running.mailbox.mails()).toEqual([])
  await running.pass(12 * HOUR)
  expect(mailsTo('radia@example.com')).toHaveLength(1)
  await running.restart()
  await running.pass(3 * DAY)
  expect(running.mailbox.mails()).toHaveLength(1)
})

test('what fell due while the host was closed is done when it opens', async () => {
  await running.signUp({ name: 'Joan', email: 'joan@example.com', emails: true })
  await running.restart(30 * HOUR)
  await running.pass(0)
  expect(mailsTo('joan@example.com')).toHaveLength(1)
})
