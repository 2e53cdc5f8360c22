import { Analytics } from '@segment/analytics-node'
import type { VirtualClock } from '@waymark/host'
import type { Action, Person } from './population.ts'

const MINUTE = 60_000
/** How much virtual time goes by between two looks at what is due. */
const STRIDE = 15 * MINUTE

export interface SimulationOptions {
  readonly actions: readonly Action[]
  readonly clock: VirtualClock
  readonly start: number
  readonly end: number
  readonly hostUrl: string
  readonly writeKey: string
  /** A number from 0 up to 1. */
  readonly random: () => number
  /** Resolves when the host has done what is due. */
  readonly settled: () => Promise<void>
  readonly onProgress: (progress: { readonly at: number; readonly sent: number }) => void
}

/**
 * Lets simulated users live their first days: what they do goes to the host over HTTP through Segment's server SDK, in
 * virtual time; when they come back they find their in-app messages and answer some of them.
 */
export async function simulate(options: SimulationOptions): Promise<{ readonly sent: number; readonly failed: number }> {
  const { actions, clock } = options
  let sent = 0
  let failed = 0
  const segment = new Analytics({
    writeKey: options.writeKey,
    host: options.hostUrl,
    flushAt: 100,
    maxRetries: 3,
    httpClient: (url, init) => fetch(url, { ...init, body: stamped(String(init.body), clock.now()) } as RequestInit),
  })
  segment.on('error', () => {
    failed += 1
  })

  let next = 0
  for (let until = options.start + STRIDE; until <= options.end; until += STRIDE) {
    const present = new Set<Person>()
    clock.jumpTo(until)
    for (let action = actions[next]; action !== undefined && action.at < until; action = actions[next]) {
      report(segment, action)
      present.add(action.user)
      sent += 1
      next += 1
    }
    if (present.size > 0) {
      await segment.flush()
      await options.settled()
    }
    await clock.moveTo(until)
    await options.settled()
    for (const person of present) await answerMessages(options, person)
    options.onProgress({ at: until, sent })
  }
  await segment.closeAndFlush()
  return { sent, failed }
}

/** The SDK notes when it sends by the real clock; here the sender's clock is the virtual one. */
function stamped(body: string, now: number): string {
  return JSON.stringify({ ...(JSON.parse(body) as object), sentAt: new Date(now).toISOString() })
}

function report(segment: Analytics, { user, at, does, detail, advanced }: Action): void {
  const common = {
    userId: user.id,
    timestamp: new Date(at),
    context: { timezone: user.timezone, consent: { categoryPreferences: { analytics: true, ...user.agreesTo } } },
  }
  switch (does) {
    case 'signs-up':
      segment.identify({ ...common, traits: { email: `${user.id}@example.com`, plan: detail } })
      segment.track({ ...common, event: 'signed_up', properties: { plan: detail } })
      break
    case 'completes-step':
      segment.track({ ...common, event: 'onboarding_step_completed', properties: { step: detail } })
      break
    case 'skips-onboarding':
      segment.track({ ...common, event: 'onboarding_skipped', properties: { screen: detail } })
      break
    case 'uses-feature':
      segment.track({ ...common, event: 'feature_used', properties: { feature: detail, ...(advanced === undefined ? {} : { advanced }) } })
  }
}

/** What the web SDK does for a person at a screen: takes what the inbox holds, and reports what became of it. */
async function answerMessages({ hostUrl, random }: SimulationOptions, person: Person): Promise<void> {
  const inbox = (await (await fetch(`${hostUrl}/inapp/inbox?userId=${person.id}`)).json()) as { messages: readonly { key: string }[] }
  for (const { key } of inbox.messages) {
    await answer(hostUrl, person, key, 'seen')
    if (random() < 0.7) await answer(hostUrl, person, key, random() < person.curiosity ? 'clicked' : 'dismissed')
  }
}

async function answer(hostUrl: string, person: Person, key: string, interaction: string): Promise<void> {
  const response = await fetch(`${hostUrl}/inapp/answers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId: person.id, key, interaction }),
  })
  await response.arrayBuffer()
}
