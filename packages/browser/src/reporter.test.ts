import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createReporter } from './reporter.ts'

const HOST = 'https://waymark.example'
const ada = { userId: 'ada' }
let stored: Map<string, string>
let sent: unknown[]
let answer: () => Response

beforeEach(() => {
  vi.useFakeTimers()
  stored = new Map()
  sent = []
  answer = () => Response.json({ success: true })
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => void stored.set(name, value),
    removeItem: (name: string) => void stored.delete(name),
  })
  vi.stubGlobal('fetch', async (url: string, { body, keepalive }: RequestInit) => {
    expect([url, keepalive]).toEqual([`${HOST}/inapp/answers`, true])
    sent.push(JSON.parse(body as string))
    return answer()
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const down = () => new Response(null, { status: 503 })
const create = (onProblem: (problem: Error) => void = () => {}) => createReporter(HOST, onProblem)

describe('the reporter', () => {
  it('sends an answer, and keeps nothing once it is taken', async () => {
    create().report(ada, 'tip', 'seen')
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toEqual([{ userId: 'ada', key: 'tip', interaction: 'seen' }])
    expect(stored.size).toBe(0)
  })

  it('tries again, ever more rarely, until the host takes it', async () => {
    answer = down
    create().report(ada, 'tip', 'clicked')
    await vi.advanceTimersByTimeAsync(5_000)
    expect(sent).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(sent).toHaveLength(2)
    answer = () => Response.json({ success: true })
    await vi.advanceTimersByTimeAsync(1)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(sent).toHaveLength(3)
    expect(stored.size).toBe(0)
  })

  it('leaves what was not taken to the next page, which knows it is settled', async () => {
    answer = () => {
      throw new TypeError('offline')
    }
    const first = create()
    first.report(ada, 'tip', 'dismissed')
    first.report(ada, 'news', 'seen')
    await vi.advanceTimersByTimeAsync(0)
    first.stop()
    const second = create()
    expect(second.isSettled(ada, 'tip')).toBe(true)
    expect(second.isSettled({ userId: 'grace' }, 'tip')).toBe(false)
    expect(second.isSettled(ada, 'news')).toBe(false)
    answer = () => Response.json({ success: true })
    second.retry()
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.slice(2)).toEqual(sent.slice(0, 2))
    expect(second.isSettled(ada, 'tip')).toBe(false)
  })

  it('gives up the oldest beyond fifty', async () => {
    answer = down
    const reporter = create()
    for (let count = 0; count < 60; count += 1) reporter.report(ada, `m${count}`, 'dismissed')
    expect([reporter.isSettled(ada, 'm9'), reporter.isSettled(ada, 'm10')]).toEqual([false, true])
  })

  it('does not repeat what the host refuses, and says so', async () => {
    const problems: string[] = []
    answer = () => new Response(null, { status: 400 })
    create(({ message }) => problems.push(message)).report(ada, 'tip', 'seen')
    await vi.advanceTimersByTimeAsync(600_000)
    expect(sent).toHaveLength(1)
    expect(problems).toEqual(["'seen' of tip was refused with 400"])
  })

  it('works where nothing may be stored', async () => {
    vi.stubGlobal('localStorage', undefined)
    answer = down
    const reporter = create()
    reporter.report(ada, 'tip', 'clicked')
    expect(reporter.isSettled(ada, 'tip')).toBe(true)
    answer = () => Response.json({ success: true })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(reporter.isSettled(ada, 'tip')).toBe(false)
  })
})
