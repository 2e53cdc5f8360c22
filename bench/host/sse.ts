import type { Measurement, Row } from '../measure.ts'
import { startServer } from './server.ts'

const PER_SECOND = 1_000
const SECONDS = 15
/** Of which the first are not counted. */
const WARM_UP = 3
/** Users who watch their stream; the others' events are the load beside them. */
const WATCHED = 50
const OTHERS = 1_000

export const sse: Measurement = {
  rows: [
    {
      name: 'host.event_to_sse_p50_ms',
      compares: 'from the POST of an event to the message it brings about on the user’s stream, at 1,000 single events a second, one in five with a message',
      target: { atMost: 1 },
    },
    { name: 'host.event_to_sse_p99_ms', compares: 'the same, the slowest hundredth', target: { atMost: 1 } },
  ],
  async run() {
    const server = await startServer('toggle')
    try {
      const latencies = await measure(server.url)
      return [within('host.event_to_sse_p50_ms', latencies, 0.5, 15), within('host.event_to_sse_p99_ms', latencies, 0.99, 60)]
    } finally {
      server.end()
    }
  },
}

/** The limit is the baseline: 1 or less is within it. */
function within(name: string, latencies: readonly number[], share: number, limit: number): Row {
  const value = latencies.toSorted((a, b) => a - b)[Math.floor(share * latencies.length)] ?? Number.POSITIVE_INFINITY
  return { name, value: Number(value.toFixed(1)), unit: 'ms', baseline: limit, ratio: Number((value / limit).toFixed(3)) }
}

async function measure(url: string): Promise<readonly number[]> {
  /** When the event was posted that makes the rule true for a user at a moment. */
  const posted = new Map<string, number>()
  const latencies: number[] = []
  const stop = new AbortController()
  const failures: unknown[] = []

  async function post(userId: string, on: boolean, timestamp: number): Promise<void> {
    const body = JSON.stringify({
      event: 'toggled',
      userId,
      messageId: `${userId}-${timestamp}`,
      properties: { on },
      timestamp: new Date(timestamp).toISOString(),
    })
    const response = await fetch(`${url}/v1/track`, { method: 'POST', body, headers: { authorization: `Basic ${Buffer.from('bench:').toString('base64')}` } })
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`an event was answered ${response.status}`)
  }

  async function watch(userId: string, opened: () => void): Promise<void> {
    const response = await fetch(`${url}/inapp/stream?userId=${userId}`, { signal: stop.signal })
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const arrived = performance.now()
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, event, data = ''] = text.slice(0, end).split('\n')
        text = text.slice(end + 2)
        if (event === 'event: inbox') opened()
        if (event !== 'event: message') continue
        const since = posted.get((JSON.parse(data.slice('data: '.length)) as { key: string }).key)
        if (since !== undefined && since >= start + WARM_UP * 1_000) latencies.push(arrived - since)
      }
    }
  }

  const users = Array.from({ length: WATCHED }, (_, index) => `watched-${index}`)
  const base = Date.now()
  // Their first events make them known, so that their streams find them.
  await Promise.all(users.map((userId) => post(userId, false, base)))
  let start = performance.now()
  const watching: Promise<void>[] = []
  await Promise.all(users.map((userId) => new Promise<void>((resolve) => watching.push(watch(userId, resolve).catch(() => {})))))

  start = performance.now()
  const sending: Promise<void>[] = []
  let watchedSent = 0
  for (let sent = 0; sent < PER_SECOND * SECONDS; ) {
    const due = Math.min(PER_SECOND * SECONDS, Math.floor(((performance.now() - start) / 1_000) * PER_SECOND))
    for (; sent < due; sent += 1) {
      // Two of five are of the watched: all of them on, then all off. What is off again before it was sent is not sent.
      const isWatched = sent % 5 < 2
      const userId = isWatched ? (users[watchedSent % WATCHED] as string) : `other-${sent % OTHERS}`
      const on = isWatched && Math.floor(watchedSent / WATCHED) % 2 === 0
      const timestamp = base + 1 + sent
      if (isWatched) watchedSent += 1
      if (on) posted.set(`toggle:${userId}:${timestamp}`, performance.now())
      sending.push(post(userId, on, timestamp).catch((error: unknown) => void failures.push(error)))
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(sending)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  stop.abort()
  await Promise.all(watching)
  if (failures.length > 0) throw failures[0]
  const expected = [...posted.values()].filter((since) => since >= start + WARM_UP * 1_000).length
  if (latencies.length < expected * 0.99) throw new Error(`only ${latencies.length} of ${expected} messages arrived`)
  return latencies
}
