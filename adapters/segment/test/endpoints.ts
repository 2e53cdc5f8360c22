import type { MemoryContext, Running } from '@waymark/testkit/plugin'
import { memoryContext, serve } from '@waymark/testkit/plugin'
import { afterEach, beforeEach } from 'vitest'
import type { SegmentOptions } from '../src/index.ts'
import { segment } from '../src/index.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, any>
}

export interface Endpoints {
  readonly context: MemoryContext
  readonly url: string
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Starts anew with other options. */
  restart(options: SegmentOptions): Promise<void>
}

/** The plugin's endpoints over real HTTP, new for each test; two write keys are let in. */
export function endpoints(): Endpoints {
  let context: MemoryContext
  let host: Running
  const start = async (options: SegmentOptions) => {
    const plugin = segment(options)
    await plugin.start?.(context)
    host = await serve(plugin, context)
  }
  beforeEach(async () => {
    context = memoryContext()
    await start({ writeKeys: { wk: 'web', other: 'mobile' } })
  })
  afterEach(() => host.stop())
  return {
    get context() {
      return context
    },
    get url() {
      return host.url
    },
    async post(path, body, headers = basic('wk:')) {
      const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
      const response = await fetch(host.url + path, { method: 'POST', body: sent as string, headers })
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
    },
    async restart(options) {
      await host.stop()
      await start(options)
    },
  }
}

export const basic = (text: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
export const iso = (time: number): string => new Date(time).toISOString()
export const track = (fields: object = {}): Record<string, unknown> => ({ type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1', ...fields })
