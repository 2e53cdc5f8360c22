import { memoryContext, sampleEvent, serve } from '@waymark/testkit/plugin'
import { afterEach, expect, it, vi } from 'vitest'
import type { SegmentOptions } from '../src/index.ts'
import { segment } from '../src/index.ts'

afterEach(() => vi.unstubAllGlobals())

/** Where sink, mirror and privacy turn to. What would leave this machine is caught at the last step, and answered. */
async function hostsOf(options: SegmentOptions): Promise<readonly string[]> {
  const { fetch: real } = globalThis
  const asked: string[] = []
  vi.stubGlobal('fetch', async (input: string | URL, init?: RequestInit) => {
    const url = new URL(input)
    if (url.hostname === '127.0.0.1') return real(input, init)
    asked.push(url.href)
    return Response.json({ success: true, data: { regulateId: 'r1' } })
  })
  const context = memoryContext()
  const plugin = segment({ writeKeys: { wk: 'web' }, mirror: true, privacy: { token: 'TOKEN' }, sink: { writeKey: 'WK' }, ...options })
  expect(await plugin.sink!.deliver([sampleEvent(0)], context)).toEqual([{ status: 'delivered' }])
  expect(await plugin.eraser!.erase({ profile: 'u1', userIds: ['u1'], anonymousIds: [] }, context)).toMatchObject({ status: 'requested' })
  const host = await serve(plugin, context)
  const answer = await fetch(`${host.url}/v1/t`, { method: 'POST', body: JSON.stringify({ event: 'Signed Up', userId: 'u1', writeKey: 'wk' }) })
  expect(answer.status).toBe(200)
  await host.stop()
  return asked
}

it('turns to the hosts of the United States', async () => {
  expect(await hostsOf({})).toEqual(['https://api.segment.io/v1/batch', 'https://api.segmentapis.com/regulations', 'https://api.segment.io/v1/t'])
})

it('turns to the hosts of the EU, where the workspace is there', async () => {
  const events = 'https://events.eu1.segmentapis.com'
  expect(await hostsOf({ region: 'eu' })).toEqual([`${events}/v1/batch`, 'https://eu1.api.segmentapis.com/regulations', `${events}/v1/t`])
})

it('turns to the hosts that are named, wherever the workspace is', async () => {
  const named: SegmentOptions = {
    region: 'eu',
    mirror: { to: 'https://mirror.example' },
    privacy: { token: 'TOKEN', host: 'https://privacy.example' },
    sink: { writeKey: 'WK', host: 'https://sink.example' },
  }
  expect(await hostsOf(named)).toEqual(['https://sink.example/v1/batch', 'https://privacy.example/regulations', 'https://mirror.example/v1/t'])
})
