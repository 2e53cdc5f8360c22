import type { Running } from '@waymark/testkit/plugin'
import { memoryContext, serve } from '@waymark/testkit/plugin'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { segment } from '../src/index.ts'

let host: Running
beforeEach(async () => void (host = await serve(segment({ writeKeys: { wk: 'web' } }), memoryContext())))
afterEach(() => host.stop())

const kinds = ['track', 'identify', 'page', 'screen', 'group', 'alias']
const paths = [...kinds.map((kind) => `/v1/${kind}`), ...kinds.map((kind) => `/v1/${kind[0]}`), '/v1/batch', '/v1/b', '/v1/m', '/v1/import']

describe('browsers', () => {
  it.each(paths.flatMap((path) => [path, `/segment${path}`]))('segment 3: OPTIONS %s -> 204 with the 3 headers', async (path) => {
    const response = await fetch(host.url + path, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-methods')).toBe('POST, OPTIONS')
    expect(response.headers.get('access-control-allow-headers')).toBe('authorization, content-type, x-retry-count')
    expect(Number(response.headers.get('access-control-max-age'))).toBeGreaterThan(0)
  })

  it.each(paths)('POST %s exists and answers browsers', async (path) => {
    const response = await fetch(host.url + path, { method: 'POST', body: '{}' })
    expect(response.status).toBe(path === '/v1/m' ? 200 : 401)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  it.each(['/v1', '/segment/v1'])('segment 16: settings reply always has Segment.io.apiKey/apiHost: under %s', async (folder) => {
    const response = await fetch(`${host.url}${folder}/projects/wk/settings`)
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.json()).toEqual({
      integrations: { 'Segment.io': { apiKey: 'wk', apiHost: `${new URL(host.url).host}${folder}`, protocol: 'http' } },
      metrics: { sampleRate: 0 },
    })
  })

  it('segment 16: settings reply behind a proxy names the address that browsers see', async () => {
    await host.stop()
    host = await serve(segment({ publicUrl: 'https://in.example.com/events/' }), memoryContext())
    const { integrations } = (await (await fetch(`${host.url}/v1/projects/any/settings`)).json()) as Record<string, any>
    expect(integrations).toEqual({ 'Segment.io': { apiKey: 'any', apiHost: 'in.example.com/events/v1', protocol: 'https' } })
  })

  it('refuses settings for an unknown key, readably for the page', async () => {
    const response = await fetch(`${host.url}/v1/projects/wrong/settings`)
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([404, '*'])
    expect(await response.json()).toMatchObject({ success: false, code: 'unknown_write_key', message: expect.stringContaining('writeKeys') })
  })

  it('ignores what the SDK measures of itself', async () => {
    const response = await fetch(`${host.url}/v1/m`, { method: 'POST', body: JSON.stringify({ series: [{}] }) })
    expect([response.status, await response.json()]).toEqual([200, { success: true }])
  })
})
